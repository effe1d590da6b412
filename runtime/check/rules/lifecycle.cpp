// SPDX-License-Identifier: Apache-2.0
// Signals, time limits and requeueing.
#include "runtime/check/rules.hpp"

namespace warpstep::check::families {

std::vector<Rule> lifecycle() {
    return {};
}

}  // namespace warpstep::check::families
