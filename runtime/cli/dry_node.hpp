// SPDX-License-Identifier: Apache-2.0
// The node that the ranks of a dry run would be on: this one, or one that a file describes.
#pragma once

#include <string>
#include <vector>

#include "runtime/cli/options.hpp"
#include "runtime/plan/rank_plan.hpp"
#include "runtime/topology/node.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::cli {

/// Of --topology FILE, with all its CPUs and GPUs. Errors: ConfigError for a file that is none, and
/// beside --here.
topology::Node described_node(const RunOptions& options);

/// What ranks on a described node would open: its first GPU, or its cores. Errors: ConfigError
/// where CUDA was wished for and the node has no GPU of NVIDIA's.
plan::DeviceFacts described_device(const topology::Node& node, DeviceWish wish, int tasks);

/// Nothing where the file does not tell it. How much of it is free no file tells.
std::optional<plan::HostMemory> described_memory(const topology::Node& node);

/// What placing would say of a node with so many tasks.
struct DryPlacement {
    int devices = 1;                 ///< of each task
    std::vector<std::string> notes;  ///< with the local ranks they are about
    std::vector<plan::Problem> problems;
};
DryPlacement place_dry(const workload::Workload& workload, const topology::Node& node, int tasks,
                       bool cuda);

}  // namespace warpstep::cli
