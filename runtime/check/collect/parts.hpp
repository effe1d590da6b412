// SPDX-License-Identifier: Apache-2.0
// Private to the room: the parts that collect_rank and collect_node are made of. Each fills its
// part of the facts and leaves the rest.
#pragma once

#include <optional>

#include "runtime/check/collect.hpp"

namespace warpstep::check {

// Of a task.
void collect_start(const Sources& sources, RankFacts& facts);    ///< who started it, and where
void collect_limits(const Sources& sources, RankFacts& facts);   ///< CPUs, limits, signals
void collect_shm(const Sources& sources, RankFacts& facts);      ///< /dev/shm
void collect_network(const Sources& sources, RankFacts& facts);  ///< interfaces, names, ports
/// GPUs of NVML, or of the description.
void collect_seen_gpus(const Sources& sources, RankFacts& facts);

// Of a node.
void collect_nics(const Sources& sources, const topology::Node& node, NodeFacts& facts);
void collect_kernel(const Sources& sources, NodeFacts& facts);   ///< settings and modules
void collect_bridges(const Sources& sources, NodeFacts& facts);  ///< ACS, IOMMU, AER above the GPUs
void collect_xids(const Sources& sources, NodeFacts& facts);     ///< of the kernel log
void collect_slurm(const Sources& sources, NodeFacts& facts);

/// The description that WARPSTEP_TOPOLOGY names, whose GPUs are all there; nothing without one.
/// Errors: ConfigError.
std::optional<topology::Node> described_node(const Sources& sources);

/// The child that asks NVML.
process::ChildEnd run_gpu_child(const Sources& sources, GpuDetail detail);

}  // namespace warpstep::check
