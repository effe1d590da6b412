// SPDX-License-Identifier: Apache-2.0
// Private to the room: which CPUs each task gets.
#pragma once

#include <vector>

#include "runtime/placement/locality.hpp"
#include "runtime/placement/placement.hpp"

namespace warpstep::placement {

/// How finely the allowed CPUs have to be divided so that every task gets some.
enum class Grain {
    cores,       ///< whole cores to each task
    pus,         ///< tasks share cores, but not PUs
    round_robin  ///< tasks share PUs
};

struct Deal {
    Grain grain = Grain::cores;
    std::vector<topology::CpuSet> cpus;  ///< per local rank
};

/// The CPUs of each task: near its GPUs if any arrangement allows it, then as near as possible;
/// shared fairly among the tasks of a locality, in rank order along the hardware. Errors:
/// ConfigError when cpus_per_task asks for more cores than are allowed.
Deal deal_cores(const topology::Node& node, const std::vector<AllowedCore>& cores,
                const std::vector<std::vector<int>>& gpus, const Request& request);

}  // namespace warpstep::placement
