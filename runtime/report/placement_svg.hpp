// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "runtime/report/placement_nodes.hpp"

namespace warpstep::report {

/// A picture of the nodes, one below the other: packages, NUMA nodes, cores, GPUs and network
/// adapters in the colours of the tasks that own them, and a legend. Every colour has its local
/// rank written on it.
std::string placement_svg(const std::vector<PlacedNodes>& groups);

}  // namespace warpstep::report
