// SPDX-License-Identifier: Apache-2.0
// Private to the room: where each task would like its cores, in terms of pools of cores that are
// alike for every task.
#pragma once

#include <vector>

#include "runtime/placement/locality.hpp"
#include "runtime/placement/pools.hpp"

namespace warpstep::placement {

struct Wishes {
    std::vector<std::vector<AllowedCore>> pools;  ///< in hardware order
    std::vector<std::vector<Reach>> distance;     ///< [task][pool]
    std::vector<int> locality;  ///< per task; equal for tasks that are near the same CPUs
};

/// With near_gpu every task wishes for the CPUs near its GPUs; without, or without GPUs, any core
/// will do.
Wishes wishes_of(const topology::Node& node, const std::vector<AllowedCore>& cores,
                 const std::vector<std::vector<int>>& gpus, bool near_gpu);

}  // namespace warpstep::placement
