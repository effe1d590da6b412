// SPDX-License-Identifier: Apache-2.0
// Private to the room: which network adapter goes with which GPU.
#pragma once

#include <vector>

#include "runtime/placement/placement.hpp"

namespace warpstep::placement {

/// Sets `nics`: for each of a task's GPUs, in their order, one of the nearest adapters; for a task
/// without GPUs one of those nearest to its cores. Fabric adapters only, where there are any. Who
/// has a choice takes the adapter that fewer use: with equal choices, numbers differ by one at
/// most.
void deal_nics(const topology::Node& node, std::vector<Task>& tasks);

}  // namespace warpstep::placement
