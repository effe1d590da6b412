// SPDX-License-Identifier: Apache-2.0
// Do the launcher's counts and names fit what frameworks make of them?
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "runtime/base/text.hpp"
#include "runtime/check/rules/launch.hpp"
#include "runtime/check/rules/tasks.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check::families {
namespace {

/// These counts are the step's, so one task can speak for all. Writes SKIP outside a step of
/// several tasks.
std::optional<Task> speaker(const Facts& facts, Judge& judge) {
    const auto tasks = tasks_of(facts);
    if (skips_outside_step(tasks, judge)) return std::nullopt;
    const auto task =
        std::find_if(tasks.begin(), tasks.end(), [](const Task& t) { return t.in_step(); });
    if (task->slurm.task_count() > 1) return *task;
    judge.skip("a step of one task");
    return std::nullopt;
}

int nodes_of(const Task& task) {
    return std::max(1, task.slurm.nodes.value_or(task.number("SLURM_NNODES").value_or(1)));
}

/// Tasks per node of an even step of as many tasks, or of the next larger one.
int even_share(const Task& task) {
    return (task.slurm.task_count() + nodes_of(task) - 1) / nodes_of(task);
}

void judge_job_name(const Facts& facts, Judge& judge) {
    const auto task = speaker(facts, judge);
    if (!task) return;
    const std::string name = task->variable("SLURM_JOB_NAME").value_or("");
    if (name != "bash" && name != "interactive") {
        return judge.pass({}, fmt::format("the job's name is '{}'", name));
    }
    judge.fire({},
               fmt::format("the name of a job with {} tasks in this step is '{}'",
                           task->slurm.task_count(), name),
               {name, "", ""}, fmt::format("srun -J train --mpi=pmix {}", show_command(*task)));
}

void judge_ntasks_only(const Facts& facts, Judge& judge) {
    const auto task = speaker(facts, judge);
    if (!task) return;
    if (const auto per_node = task->variable("SLURM_NTASKS_PER_NODE")) {
        return judge.pass({}, "SLURM_NTASKS_PER_NODE is " + *per_node);
    }
    judge.fire({},
               fmt::format("{} tasks were asked for without --ntasks-per-node, so "
                           "SLURM_NTASKS_PER_NODE is not set",
                           task->slurm.task_count()),
               {},
               fmt::format("-N {} --ntasks-per-node={} instead of -n {}", nodes_of(*task),
                           even_share(*task), task->slurm.task_count()));
}

void judge_product(const Facts& facts, Judge& judge) {
    const auto task = speaker(facts, judge);
    if (!task) return;
    const auto per_node = task->number("SLURM_NTASKS_PER_NODE");
    if (!per_node || task->slurm.heterogeneous())
        return judge.skip("SLURM_NTASKS_PER_NODE does not speak for this step");
    const int count = task->slurm.task_count(), nodes = nodes_of(*task);
    const std::string product = fmt::format("{} nodes x {} tasks per node", nodes, *per_node);
    if (count == nodes * *per_node) {
        return judge.pass({}, fmt::format("{} tasks are {}", count, product));
    }
    judge.fire({}, fmt::format("the step has {} tasks, but the job asks for {}", count, product),
               {std::to_string(count), std::to_string(nodes * *per_node), "tasks"},
               fmt::format("srun -n {} for all of them, or --ntasks-per-node={} for these",
                           nodes * *per_node, even_share(*task)));
}

void judge_components(const Facts& facts, Judge& judge) {
    const auto task = speaker(facts, judge);
    if (!task) return;
    const int components = task->slurm.components.value_or(1);
    if (components < 2) return judge.skip("not a heterogeneous job");
    if (!task->slurm.job_tasks)
        return judge.unknown({}, "no SLURM_NTASKS_HET_GROUP_n says how many tasks there are");
    const int all = *task->slurm.job_tasks;
    int count = task->slurm.task_count();
    if (task->facts != nullptr) count = std::max(count, task->facts->pmix.size.value_or(0));
    const Figure figure{std::to_string(count), std::to_string(all), "tasks"};
    if (count >= all) return judge.pass({}, "all components run in this step", figure);
    judge.fire(
        {}, fmt::format("the step has {} of the {} tasks of {} components", count, all, components),
        figure,
        fmt::format("srun --het-group=0-{} --mpi=pmix {}", components - 1, show_command(*task)));
}

/// Counts of "4(x2),3": 4 and 3.
std::set<std::string> distinct_counts(const std::string& list) {
    std::set<std::string> counts;
    for (const std::string& entry : split(list, ','))
        counts.insert(entry.substr(0, entry.find('(')));
    return counts;
}

void judge_even(const Facts& facts, Judge& judge) {
    const auto task = speaker(facts, judge);
    if (!task) return;
    if (task->slurm.heterogeneous()) return judge.skip("components may differ");
    const auto list = task->variable("SLURM_STEP_TASKS_PER_NODE");
    if (!list) return judge.unknown({}, "SLURM_STEP_TASKS_PER_NODE is not set");
    if (distinct_counts(*list).size() < 2)
        return judge.pass({}, fmt::format("tasks per node: {}", *list));
    judge.fire({}, fmt::format("the nodes have different numbers of tasks: {}", *list),
               {*list, "", "tasks per node"},
               fmt::format("srun -N {} --ntasks-per-node={} {}", nodes_of(*task), even_share(*task),
                           show_command(*task)));
}

}  // namespace

std::vector<Rule> launch_counts() {
    return {
        {"launch-job-name", launch_heading, Severity::information, Privilege::user, Level::quick,
         "Every rank trains alone: PyTorch Lightning says \"MEMBER: 1/1\" on each.",
         "Lightning takes a job whose name is bash or interactive for a shell and turns its Slurm "
         "support off. salloc names its jobs interactive, and srun bash -c … names them bash.",
         "SLURM_JOB_NAME in a step of several tasks.",
         "Name the job: srun -J train --mpi=pmix PROGRAM; or let warpstep exec export the ranks.",
         once(judge_job_name)},
        {"launch-ntasks-only", launch_heading, Severity::information, Privilege::user, Level::quick,
         "Lightning: RuntimeError, --ntasks is not supported.",
         "The job was asked for with -n alone, which does not set SLURM_NTASKS_PER_NODE.",
         "SLURM_NTASKS_PER_NODE in a step of several tasks.",
         "Ask with --ntasks-per-node instead of --ntasks.", once(judge_ntasks_only)},
        {"launch-ntasks-product", launch_heading, Severity::warning, Privilege::user, Level::quick,
         "A trainer waits for more ranks than exist.",
         "The step has another number of tasks than its nodes times the job's --ntasks-per-node; "
         "programs that multiply the two get a wrong world size.",
         "SLURM_STEP_NUM_TASKS against SLURM_STEP_NUM_NODES times SLURM_NTASKS_PER_NODE.",
         "Make -n and --ntasks-per-node agree.", once(judge_product)},
        {"launch-het-component", launch_heading, Severity::warning, Privilege::user, Level::quick,
         "Only one part of a heterogeneous job runs.",
         "srun starts the first component of a heterogeneous job unless it is told otherwise.",
         "The tasks of the step against the sum of SLURM_NTASKS_HET_GROUP_n.",
         "srun --het-group=0,1 PROGRAM", once(judge_components)},
        {"launch-uneven", launch_heading, Severity::warning, Privilege::user, Level::quick,
         "Local ranks run past the GPUs of a node, or LOCAL_WORLD_SIZE is wrong.",
         "The nodes have different numbers of tasks, and the program divides the number of tasks "
         "by the number of nodes.",
         "The counts in SLURM_STEP_TASKS_PER_NODE.",
         "Ask with --ntasks-per-node=N, so that every node has as many.", once(judge_even)},
    };
}

}  // namespace warpstep::check::families
