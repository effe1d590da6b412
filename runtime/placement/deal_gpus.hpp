// SPDX-License-Identifier: Apache-2.0
// Private to the room: which GPUs each task gets.
#pragma once

#include <vector>

#include "runtime/placement/locality.hpp"
#include "runtime/placement/placement.hpp"

namespace warpstep::placement {

/// GPU indices per local rank. Consecutive tasks get neighbouring GPUs; with several tasks per GPU,
/// or GPUs left idle, the tasks go to where the allowed cores are. Errors: ConfigError when
/// gpus_per_task asks for more GPUs than there are.
std::vector<std::vector<int>> deal_gpus(const topology::Node& node,
                                        const std::vector<AllowedCore>& cores,
                                        const Request& request);

}  // namespace warpstep::placement
