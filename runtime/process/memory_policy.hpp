// SPDX-License-Identifier: Apache-2.0
// Where the calling thread, and what it starts, allocates memory.
#pragma once

#include <string>

#include "runtime/process/cpu_list.hpp"

namespace warpstep::process {

/// "preferred 0,1"; "default" without nodes.
std::string show_preferred(const CpuList& nodes);

/// Prefers memory of these NUMA nodes: others serve when they are full. Without nodes nothing
/// changes. Returns why the system refused, "" when it did not.
std::string prefer_memory_of(const CpuList& nodes);

/// The policy as the system tells it: "preferred 0", "bind 0,1", "default", "unknown".
std::string memory_policy();

}  // namespace warpstep::process
