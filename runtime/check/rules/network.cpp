// SPDX-License-Identifier: Apache-2.0
// Addresses, interfaces and adapters.
#include "runtime/check/rules.hpp"

namespace warpstep::check::families {

std::vector<Rule> network() {
    return {};
}

}  // namespace warpstep::check::families
