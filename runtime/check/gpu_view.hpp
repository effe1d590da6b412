// SPDX-License-Identifier: Apache-2.0
// Which of its node's GPUs a process sees, from the facts. GPUs go by name: the UUID ("GPU-…",
// "MIG-…" for an instance), the PCI address where nothing tells the UUID.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/check/facts.hpp"

namespace warpstep::check {

struct GpuView {
    /// What its device files and its container let it open, by PCI address: CUDA's ordinals count
    /// these. In MIG mode the instances.
    std::vector<std::string> reachable;
    /// What CUDA shows it, in CUDA's order; nothing: could not be found out.
    std::optional<std::vector<std::string>> visible;
    /// What SLURM_STEP_GPUS of its environment grants; nothing: not set, or not readable here.
    std::optional<std::vector<std::string>> granted;
    std::string visible_problem;  ///< why `visible` is not known
    std::string granted_problem;  ///< why `granted` is not known though the variable is set

    /// The only GPU it sees.
    std::optional<std::string> only() const;
};

/// Source of the meaning of lists: topology::visible_gpus. SLURM_STEP_GPUS counts device files
/// (/dev/nvidiaN) where these ascend with the PCI addresses.
GpuView view_of(const Facts& facts, const RankFacts& rank);
/// From the environment it was started with.
GpuView view_of(const Facts& facts, const ProgramFacts& program);

/// The GPUs that the step was given on this node. With --gpu-bind Slurm tells each task its own
/// only: those of all tasks, and those that the node's facts call granted.
std::vector<const GpuFacts*> granted_gpus(const Facts& facts, const NodeFacts& node);
/// Their names; MIG instances where Slurm granted such.
std::vector<std::string> granted_on(const Facts& facts, const NodeFacts& node);
/// Of a GPU as the view calls it.
std::string name_of(const GpuFacts& gpu);
/// An instance's name.
bool is_mig(const std::string& gpu_name);

}  // namespace warpstep::check
