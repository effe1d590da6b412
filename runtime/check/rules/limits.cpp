// SPDX-License-Identifier: Apache-2.0
// Resource limits, shared memory and containers.
#include "runtime/check/rules.hpp"

namespace warpstep::check::families {

std::vector<Rule> limits() {
    return {};
}

}  // namespace warpstep::check::families
