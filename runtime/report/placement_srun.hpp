// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "runtime/report/placement_nodes.hpp"

namespace warpstep::report {

/// The flags with which srun itself would bind as planned, and what they cost. srun applies one
/// list to every node, so nodes that differ become the components of a heterogeneous job.
std::string srun_flags(const std::vector<PlacedNodes>& groups);

/// "0x3f": hexadecimal, bit 0 for CPU 0.
std::string mask_of(const std::vector<int>& bits);

}  // namespace warpstep::report
