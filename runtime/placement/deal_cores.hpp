// SPDX-License-Identifier: Apache-2.0
// Private to the room: which CPUs each task gets.
#pragma once

#include <vector>

#include "runtime/placement/placement.hpp"
#include "runtime/placement/wishes.hpp"

namespace warpstep::placement {

/// The CPUs of each task: near its GPUs if any arrangement allows it, then as near as possible;
/// shared fairly among the tasks of a locality, tasks along the hardware in their order. `ground`
/// is that of the step's GPUs in order.
std::vector<topology::CpuSet> deal_cores(const std::vector<AllowedCore>& cores,
                                         const Ground& ground,
                                         const std::vector<std::vector<int>>& gpus,
                                         const Request& request);

}  // namespace warpstep::placement
