// SPDX-License-Identifier: Apache-2.0
// Private to the room: which GPUs each task gets.
#pragma once

#include <vector>

#include "runtime/placement/placement.hpp"
#include "runtime/placement/wishes.hpp"

namespace warpstep::placement {

/// GPU indices per task, tasks in the order of the hardware. Where there is a choice, GPUs are
/// taken so that as many tasks as possible have their cores near. `ground` is that of `order`, the
/// step's GPUs in order. Errors: ConfigError when gpus_per_task asks for more GPUs than there are.
std::vector<std::vector<int>> deal_gpus(const std::vector<int>& order, const Ground& ground,
                                        const Request& request);

}  // namespace warpstep::placement
