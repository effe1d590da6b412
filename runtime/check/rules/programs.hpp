// SPDX-License-Identifier: Apache-2.0
// Private to the family "Programs": its tables, and the watched processes as its rules want them.
#pragma once

#include <string>
#include <vector>

#include "runtime/check/gpu_view.hpp"
#include "runtime/check/rule.hpp"

namespace warpstep::check {

inline constexpr char programs_family[] = "Programs";

std::vector<Rule> rules_of_used_gpus();
std::vector<Rule> rules_of_program_views();
std::vector<Rule> rules_of_program_state();

struct Watched;

/// A process of the watched step and the GPUs it is on.
struct Process {
    const ProgramFacts* facts = nullptr;
    const ProgramFacts* parent = nullptr;  ///< when it is watched too
    int task = -1;                         ///< index of the task it belongs to
    GpuView view;
    std::vector<std::string> used;

    Subject subject() const { return subject_of(*facts); }
    /// Continues its parent's program: it was forked and has executed nothing new.
    bool forked() const { return parent != nullptr && parent->command == facts->command; }
    /// It has CUDA loaded, and so had its parent, which had started it: it cannot start it again.
    bool forked_after_cuda(const Watched& node) const;
};

/// What runs on one node.
struct Watched {
    std::string name;
    const NodeFacts* facts = nullptr;
    std::vector<Process> processes;
    std::vector<std::size_t> tasks;    ///< indices of the step's own tasks in `processes`
    std::vector<std::string> granted;  ///< GPUs that its processes were granted, as they tell
    std::size_t granted_count = 0;     ///< also those of tasks that have ended
    std::vector<std::string> used;
    bool nvml_tells = false;  ///< NVML's lists hold some of the processes

    std::vector<std::string> idle() const;  ///< of `granted`
    std::size_t idle_count() const;         ///< of `granted_count`
    /// Used by a task or anything below it.
    std::vector<std::string> used_by_task(std::size_t process) const;
};

/// By node. A GPU is used by who is in NVML's list of its processes; on nodes where NVML lists none
/// of them (a described machine, a container with pids of its own) by who has its device file open.
std::vector<Watched> watched(const Facts& facts);
int count_tasks(const std::vector<Watched>& nodes);

/// Nobody's program is watched: says so and is true.
bool nothing_watched(const Facts& facts, Judge& judge);

}  // namespace warpstep::check
