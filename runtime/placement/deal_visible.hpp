// SPDX-License-Identifier: Apache-2.0
// Private to the room: which GPUs each task gets where the launcher shows different ones to
// different tasks.
#pragma once

#include <vector>

#include "runtime/placement/locality.hpp"
#include "runtime/placement/placement.hpp"

namespace warpstep::placement {

/// GPU indices per local rank, each within Request::visible of that rank. Tasks that see the same
/// GPUs share them as deal_gpus() does. Errors: as deal_gpus().
std::vector<std::vector<int>> deal_visible(const topology::Node& node,
                                           const std::vector<AllowedCore>& cores,
                                           const Request& request);

}  // namespace warpstep::placement
