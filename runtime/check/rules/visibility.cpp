// SPDX-License-Identifier: Apache-2.0
// Which GPUs the tasks see.
#include "runtime/check/rules.hpp"

namespace warpstep::check::families {

std::vector<Rule> visibility() {
    return {};
}

}  // namespace warpstep::check::families
