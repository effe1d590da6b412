// SPDX-License-Identifier: Apache-2.0
// Interfaces, addresses, fabrics and clocks.
#include "runtime/check/rules/network_parts.hpp"

namespace warpstep::check::families {

std::vector<Rule> network() {
    std::vector<Rule> all;
    for (auto part : {network_interfaces, network_master, network_names, network_fabric}) {
        for (const Rule& rule : part()) all.push_back(rule);
    }
    return all;
}

}  // namespace warpstep::check::families
