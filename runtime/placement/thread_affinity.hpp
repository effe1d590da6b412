// SPDX-License-Identifier: Apache-2.0
// Private to the room: the CPU affinity of single threads, on machines of any size.
#pragma once

#include <optional>

#include "runtime/topology/cpu_set.hpp"

namespace warpstep::placement {

/// Thread 0 is the calling one. A thread that has ended meanwhile is no error.
/// Errors: EnvironmentError that names the thread, the CPUs and the system's reason.
void set_affinity(int thread, const topology::CpuSet& cpus);
/// Nothing for a thread that has ended. Errors: EnvironmentError.
std::optional<topology::CpuSet> affinity_of(int thread);

}  // namespace warpstep::placement
