// SPDX-License-Identifier: Apache-2.0
// The tasks that rules about launch and grant look at: the ranks of this step or, beside another
// one (`check --step`), the tasks of that.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/check/rule.hpp"
#include "runtime/step/environment.hpp"

namespace warpstep::check {

struct Task {
    Subject subject;
    std::string started_by;  ///< as RankFacts::started_by
    const std::map<std::string, std::string>* env = nullptr;
    step::Environment slurm;           ///< what `env` says of Slurm
    std::vector<std::string> command;  ///< its words, none when nobody's command is looked at
    int here = 1;                      ///< tasks of its step on its node
    const RankFacts* facts = nullptr;  ///< nullptr: a task of another step
    const NodeFacts* node = nullptr;   ///< nullptr: its node told nothing

    bool in_step() const { return started_by == "step"; }
    /// In the batch script, or in the shell of salloc.
    bool before_srun() const { return started_by == "batch" || started_by == "allocation"; }
    std::optional<std::string> variable(const char* name) const;
    std::optional<int> number(const char* name) const;
    /// Of the job, by its variables or its cgroup; "" outside one.
    std::string job() const;
};

/// What is to be said of a task.
struct Said {
    std::string evidence;
    Figure figure = {};
    std::string fix = {};  ///< "": the rule's own
};
inline void say(Judge& judge, const Task& task, Said said) {
    judge.fire(task.subject, std::move(said.evidence), std::move(said.figure), std::move(said.fix));
}

/// Tasks whose environment cannot be read are left out. Points into `facts`.
std::vector<Task> tasks_of(const Facts& facts);

/// The same of one process, a task or a child of one, whose environment can be read.
Task task_of(const Facts& facts, const ProgramFacts& program);

/// When there is no task, or none of a Slurm job: writes SKIP with the reason.
bool skips_outside_job(const std::vector<Task>& tasks, Judge& judge);
/// The same when none was started by srun.
bool skips_outside_step(const std::vector<Task>& tasks, Judge& judge);

/// Of "8", "h100:2", "a100:4,h100:2(S:0-1)"; nothing for other text.
std::optional<int> count_gpus(std::string_view text);
/// Of a variable of the task.
std::optional<int> count_gpus(const Task& task, const char* name);

/// "./train --epochs 3", "PROGRAM" when no command is known: for lines to type.
std::string show_command(const Task& task);

// Causes that hide others: rules that come behind them keep quiet.
/// Variables of another step than the one it runs in.
bool has_stale_variables(const Task& task);
/// One process in the batch script or in salloc's shell, where the job has more tasks, nodes or
/// GPUs than that.
bool lacks_srun(const Task& task);
/// A task of several under srun without a PMIx server.
bool lacks_pmix(const Task& task);

}  // namespace warpstep::check
