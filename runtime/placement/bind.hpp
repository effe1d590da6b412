// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "runtime/placement/placement.hpp"

namespace warpstep::placement {

/// What binding did, read back from the system.
struct Binding {
    bool bound = false;         ///< false: simulated topology, nothing was bound
    topology::CpuSet cpus;      ///< affinity read back (of the planned set when simulated)
    std::string memory_policy;  ///< "preferred 0", "default", …
    std::vector<std::string>
        warnings;  ///< what the system refused and why (memory policy in a container, …)
};

/// Binds this process: all threads that exist to the task's cores and memory to its NUMA nodes
/// (preferred policy), then reads both back. `exempt_threads` (PMIx's own) are left as they are. On
/// a simulated node it binds nothing. Call before any library starts a thread. Errors:
/// EnvironmentError when a thread's affinity read back lies outside the task's cores.
Binding bind(const topology::Node& node, const Task& task, const std::vector<int>& exempt_threads);

}  // namespace warpstep::placement
