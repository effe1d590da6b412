// SPDX-License-Identifier: Apache-2.0
// Which GPU a task works on, before anything has run on one.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "runtime/check/node_facts.hpp"
#include "runtime/check/rank_facts.hpp"
#include "runtime/topology/cpu_set.hpp"

namespace warpstep::check {

/// Indices into node.gpus of the GPUs that CUDA shows to a task, in CUDA's order: what CUDA told,
/// else NVML's GPUs through CUDA_VISIBLE_DEVICES (numbers, UUIDs and beginnings of them; an entry
/// that names none ends the list, as for CUDA). A MIG instance counts as its GPU. Nothing: neither
/// library told.
std::optional<std::vector<std::size_t>> visible_gpus(const NodeFacts& node, const RankFacts& rank);

/// Index into node.gpus of the GPU that a task is to use: the only one that it sees; the first one
/// where it sees some of the step's GPUs only (the launcher has dealt them out); else that with the
/// number of its local rank, because tasks are dealt in order. Nothing: no GPU is visible, nothing
/// told which, or there are more tasks than GPUs.
std::optional<std::size_t> own_gpu(const NodeFacts& node, const RankFacts& rank);

/// PUs near a GPU: as the bus tells, else those of its NUMA node. Empty: nothing tells.
topology::CpuSet near_cpus_of(const NodeFacts& node, const GpuFacts& gpu);

}  // namespace warpstep::check
