// SPDX-License-Identifier: Apache-2.0
// The CPU affinity of single threads, on machines of any size.
#pragma once

#include <optional>
#include <vector>

#include "runtime/process/cpu_list.hpp"

namespace warpstep::process {

/// Thread ids of this process, ascending.
std::vector<int> threads_of_this_process();

/// Thread 0 is the calling one. A thread that has ended meanwhile is no error. Errors: Failure that
/// names the thread, the CPUs and the system's reason.
void set_affinity(int thread, const CpuList& cpus);
/// Nothing for a thread that has ended. Errors: Failure.
std::optional<CpuList> affinity_of(int thread);

/// Binds every thread but the exempt ones, and those they start meanwhile. Errors: Failure.
void bind_threads(const CpuList& cpus, const std::vector<int>& exempt = {});
/// The CPUs that any thread but the exempt ones may run on. Errors: Failure.
CpuList affinity_of_threads(const std::vector<int>& exempt = {});

}  // namespace warpstep::process
