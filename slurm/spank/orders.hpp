// SPDX-License-Identifier: Apache-2.0
// What `warpstep exec --print` says about one task. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "runtime/process/cpu_list.hpp"
#include "runtime/process/launch.hpp"

namespace warpstep::spank {

struct Orders {
    process::CpuList cpus;    ///< empty: stay where Slurm put the task
    process::CpuList memory;  ///< NUMA nodes; empty: no policy
    std::vector<process::Change> changes;
};

/// Lines "bind CPUS", "memory NODES" and "set NAME=VALUE". Errors: Failure for any other line, for
/// an end in the middle of a line, and for no line at all: half an answer is none.
Orders parse_orders(std::string_view text);

}  // namespace warpstep::spank
