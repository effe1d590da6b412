// SPDX-License-Identifier: Apache-2.0
// Drivers and libraries, compared over the nodes and ranks.
#include "runtime/check/rules.hpp"

namespace warpstep::check::families {

std::vector<Rule> versions() {
    return {};
}

}  // namespace warpstep::check::families
