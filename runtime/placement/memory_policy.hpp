// SPDX-License-Identifier: Apache-2.0
// Private to the room: where the calling thread, and what it starts, allocates memory.
#pragma once

#include <string>
#include <vector>

namespace warpstep::placement {

/// "preferred 0,1"; "default" without nodes.
std::string show_preferred(const std::vector<int>& numa);

/// Prefers memory of these NUMA nodes (others serve when they are full) and returns the policy read
/// back. What the system refuses becomes a warning. Without nodes the policy stays as it is.
std::string prefer_memory_of(const std::vector<int>& numa, std::vector<std::string>& warnings);

}  // namespace warpstep::placement
