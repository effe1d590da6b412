// SPDX-License-Identifier: Apache-2.0
// What another program does with its GPUs.
#include "runtime/check/rules.hpp"

namespace warpstep::check::families {

std::vector<Rule> programs() {
    return {};
}

}  // namespace warpstep::check::families
