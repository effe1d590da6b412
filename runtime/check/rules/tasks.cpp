// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/rules/tasks.hpp"

#include <algorithm>
#include <charconv>

#include "runtime/base/text.hpp"
#include "runtime/check/rules/launchers.hpp"
#include "runtime/step/discover.hpp"

namespace warpstep::check {
namespace {

step::Environment read(const std::map<std::string, std::string>& env) {
    return step::read_environment([&](const char* name) { return variable(env, name); });
}

Task task_of(const Facts& facts, const RankFacts& rank) {
    Task task;
    task.subject = subject_of(rank);
    task.started_by = rank.started_by;
    task.env = &rank.env;
    task.slurm = read(rank.env);
    task.command = rank.command;
    task.facts = &rank;
    task.node = facts.node(rank.node);
    task.here = rank.local_size;
    // Without PMIx a rank knows of no other, but the launcher does.
    if (task.in_step()) task.here = task.slurm.node_tasks.value_or(rank.local_size);
    return task;
}

/// What stands behind `key` in a path such as "/slurmstepd.scope/job_48/step_0/user".
std::string part_of_path(const std::string& path, std::string_view key) {
    for (const std::string& part : split(path, '/')) {
        if (part.starts_with(key)) return part.substr(key.size());
    }
    return "";
}

int gpus_of_job(const Task& task) {
    for (const char* name : {"SLURM_GPUS_ON_NODE", "SLURM_GPUS_PER_NODE", "SLURM_GPUS"}) {
        if (const auto count = count_gpus(task, name)) return *count;
    }
    return 0;
}

}  // namespace

std::optional<std::string> Task::variable(const char* name) const {
    return check::variable(*env, name);
}

std::optional<int> Task::number(const char* name) const {
    return check::number(*env, name);
}

std::string Task::job() const {
    if (slurm.in_job() || facts == nullptr) return slurm.job_id;
    return part_of_path(facts->cgroup, "job_");
}

Task task_of(const Facts& facts, const ProgramFacts& program) {
    Task task;
    task.subject = subject_of(program);
    task.env = &*program.env;
    task.slurm = read(*program.env);
    task.started_by = task.slurm.in_step() ? "step" : task.slurm.in_job() ? "batch" : "none";
    task.command = split(program.command, ' ');
    task.node = facts.node(program.node);
    task.here = task.in_step() ? task.slurm.node_tasks.value_or(1) : 1;
    return task;
}

std::vector<Task> tasks_of(const Facts& facts) {
    std::vector<Task> tasks;
    if (facts.intent.watched_step.empty()) {
        for (const RankFacts& rank : facts.ranks) tasks.push_back(task_of(facts, rank));
        return tasks;
    }
    for (const ProgramFacts& program : facts.programs) {
        if (program.is_task && program.env) tasks.push_back(task_of(facts, program));
    }
    return tasks;
}

bool skips_outside_job(const std::vector<Task>& tasks, Judge& judge) {
    if (tasks.empty())
        judge.skip("there is no task whose environment can be read");
    else if (tasks.front().job().empty())
        judge.skip("not in a Slurm job");
    else
        return false;
    return true;
}

bool skips_outside_step(const std::vector<Task>& tasks, Judge& judge) {
    if (skips_outside_job(tasks, judge)) return true;
    if (std::any_of(tasks.begin(), tasks.end(), [](const Task& t) { return t.in_step(); }))
        return false;
    judge.skip("not started by srun");
    return true;
}

std::optional<int> count_gpus(std::string_view text) {
    int sum = 0;
    const auto kinds = split(text, ',');
    if (kinds.empty()) return std::nullopt;
    for (std::string_view kind : kinds) {
        kind = kind.substr(0, kind.find('('));
        if (const auto colon = kind.rfind(':'); colon != kind.npos) kind.remove_prefix(colon + 1);
        int count = 0;
        const auto end = kind.data() + kind.size();
        const auto [stop, error] = std::from_chars(kind.data(), end, count);
        if (error != std::errc() || stop != end || count < 0) return std::nullopt;
        sum += count;
    }
    return sum;
}

std::optional<int> count_gpus(const Task& task, const char* name) {
    const auto text = task.variable(name);
    return text ? count_gpus(*text) : std::nullopt;
}

std::string show_command(const Task& task) {
    return task.command.empty() ? "PROGRAM" : join(task.command, " ");
}

bool has_stale_variables(const Task& task) {
    if (step::has_stale_variables(task.slurm)) return true;
    // Components of a heterogeneous job have ids of their own.
    if (task.facts == nullptr || !task.slurm.in_job() || task.slurm.heterogeneous()) return false;
    const std::string job = part_of_path(task.facts->cgroup, "job_");
    return !job.empty() && job != task.slurm.job_id;
}

bool lacks_srun(const Task& task) {
    const bool alone = task.facts == nullptr || task.facts->size == 1;
    if (!task.before_srun() || !alone || has_stale_variables(task)) return false;
    const int nodes = task.number("SLURM_JOB_NUM_NODES").value_or(1);
    if (nodes == 1 && !per_node_launcher(task.command).empty()) return false;
    return nodes > 1 || task.slurm.task_count() > 1 || gpus_of_job(task) > 1;
}

bool lacks_pmix(const Task& task) {
    if (!task.in_step() || task.slurm.task_count() < 2 || has_stale_variables(task)) return false;
    return task.facts != nullptr ? !task.facts->pmix.answered : !task.slurm.pmix_rank.has_value();
}

}  // namespace warpstep::check
