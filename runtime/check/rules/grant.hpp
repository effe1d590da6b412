// SPDX-License-Identifier: Apache-2.0
// What one node of the step was granted, and the parts of the family "grant".
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/check/rules/tasks.hpp"

namespace warpstep::check {

/// One node of the step as the launcher's variables tell.
struct NodeGrant {
    std::string node;
    std::vector<const Task*> tasks;  ///< those that answered
    int count = 0;                   ///< tasks of the step here
    std::optional<int> gpus;         ///< SLURM_GPUS_ON_NODE
    std::set<std::string> given;     ///< GPUs given to any task
    std::size_t fewest = 0;          ///< given to the task that has fewest
    bool shared = false;             ///< a GPU was given to two tasks

    const NodeFacts* facts() const { return tasks.front()->node; }
    Subject subject() const { return {node, -1, "", "", ""}; }
};

/// Per node, in the order of their first ranks. Points into `tasks`.
std::vector<NodeGrant> grants_of(const std::vector<Task>& tasks);

/// GPUs that Slurm gave to the task: SLURM_STEP_GPUS (of the task when it is bound), else what
/// CUDA_VISIBLE_DEVICES or NVML list; empty when nothing tells.
std::set<std::string> given_gpus(const Task& task);

/// The node has GPUs, whether or not this job may use them.
bool has_gpus(const Task& task);

namespace families {
inline constexpr char grant_heading[] = "GPU grant";

std::vector<Rule> grant_missing();    ///< were GPUs asked for, and got?
std::vector<Rule> grant_counts();     ///< tasks against GPUs
std::vector<Rule> grant_steps();      ///< this step against others, and its isolation
std::vector<Rule> grant_placement();  ///< which nodes and cores came with them
}  // namespace families

}  // namespace warpstep::check
