// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "runtime/report/placement_nodes.hpp"

namespace warpstep::report {

/// The lines of gres.conf that tell Slurm which cores are near which GPU; "" without GPUs.
/// Source: gres.conf(5): Cores counts logical cores (hwloc's Core L#) and is left out where any
/// core will do; Type is NVML's model in lower case with underscores.
std::string gres_lines(const std::vector<PlacedNodes>& groups);

}  // namespace warpstep::report
