// SPDX-License-Identifier: Apache-2.0
// The parts of the family of the network.
#pragma once

#include <vector>

#include "runtime/check/rules.hpp"

namespace warpstep::check {

/// The heading of the family.
inline constexpr char network_family[] = "Network";

namespace families {
std::vector<Rule> network_interfaces();  ///< over which the ranks talk
std::vector<Rule> network_master();      ///< where they meet
std::vector<Rule> network_names();       ///< who they are to each other: names, proxies, clocks
std::vector<Rule> network_fabric();      ///< InfiniBand and RoCE
}  // namespace families

}  // namespace warpstep::check
