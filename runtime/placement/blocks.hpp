// SPDX-License-Identifier: Apache-2.0
// Private to the room: dividing GPUs into blocks of several.
#pragma once

#include <vector>

#include "runtime/placement/wishes.hpp"

namespace warpstep::placement {

struct BlockSizes {
    int tasks = 1;
    int size = 1;    ///< GPUs of each task
    int larger = 0;  ///< tasks that have one more; GPUs beyond stay idle
    int cores_per_task = 1;
    bool near_gpu = true;  ///< false: where the cores are does not count
};

/// How many GPUs of each locality a task has.
using Composition = std::vector<int>;

/// The best compositions, one per task: as many tasks as possible near (one GPU with near cores is
/// enough for a task), then as few boundaries between localities inside blocks as possible, then
/// the least distance, then the most cores per task. Exact up to 8 GPUs. Beyond, the number of near
/// tasks is still exact when each wants one core; the rest is the best of the first combinations,
/// those that keep together first.
std::vector<Composition> compose(const Ground& ground, const std::vector<Capacity>& capacity,
                                 const BlockSizes& sizes);

}  // namespace warpstep::placement
