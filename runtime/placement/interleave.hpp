// SPDX-License-Identifier: Apache-2.0
// Private to the room: the order of the ranks.
#pragma once

#include <vector>

#include "runtime/placement/placement.hpp"

namespace warpstep::placement {

/// Ranks go round the packages: the first task of each, then the second of each. What a task has
/// goes along with it; the package is that of its first GPU, else of its first core.
void interleave(const topology::Node& node, std::vector<Task>& tasks);

}  // namespace warpstep::placement
