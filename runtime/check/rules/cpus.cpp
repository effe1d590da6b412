// SPDX-License-Identifier: Apache-2.0
// Cores, NUMA nodes and memory.
#include "runtime/check/rules.hpp"

namespace warpstep::check::families {

std::vector<Rule> cpus() {
    return {};
}

}  // namespace warpstep::check::families
