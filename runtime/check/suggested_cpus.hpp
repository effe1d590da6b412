// SPDX-License-Identifier: Apache-2.0
// The CPUs that warpstep would bind a node's tasks to, from the facts of a check.
#pragma once

#include <string>
#include <vector>

#include "runtime/check/node_facts.hpp"
#include "runtime/check/rank_facts.hpp"
#include "runtime/topology/cpu_set.hpp"

namespace warpstep::check {

/// By local rank, as placement::plan() deals them for the GPUs that the tasks own; `ranks` are all
/// of the node. Empty: that placement is not possible, or the GPU of a task is not known.
std::vector<topology::CpuSet> suggested_cpus(const NodeFacts& node,
                                             const std::vector<const RankFacts*>& ranks);

/// "0xff00": for srun --cpu-bind=mask_cpu:… ; "0x0" for the empty set.
std::string cpu_mask(const topology::CpuSet& cpus);

}  // namespace warpstep::check
