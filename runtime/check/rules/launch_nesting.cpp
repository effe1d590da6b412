// SPDX-License-Identifier: Apache-2.0
// A launcher inside the launcher: torchrun, mpirun or srun as the command of a task.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/text.hpp"
#include "runtime/check/rules/launch.hpp"
#include "runtime/check/rules/launchers.hpp"
#include "runtime/check/rules/tasks.hpp"
#include "runtime/check/rules/walks.hpp"
#include "runtime/check/slurm_version.hpp"

namespace warpstep::check::families {
namespace {

/// Processes of the step whose command is known: its tasks, and children of those. Writes SKIP when
/// there is none.
std::vector<Task> commanded(const Facts& facts, Judge& judge) {
    auto tasks = tasks_of(facts);
    if (skips_outside_step(tasks, judge)) return {};
    for (const ProgramFacts& program : facts.programs) {
        if (!program.is_task && program.env) tasks.push_back(task_of(facts, program));
    }
    tasks.erase(std::remove_if(tasks.begin(), tasks.end(),
                               [](const Task& t) { return !t.in_step() || t.command.empty(); }),
                tasks.end());
    if (tasks.empty()) {
        judge.skip("no command is looked at (see warpstep exec --diagnose and check --step)");
    }
    return tasks;
}

bool has_word(const Task& task, std::string_view word) {
    return std::any_of(task.command.begin(), task.command.end(), [&](const std::string& w) {
        return w == word || w.starts_with(std::string(word) + "=");
    });
}

/// The command without its first word: "--nproc-per-node=4 train.py".
std::string arguments(const Task& task) {
    const std::vector<std::string> rest(task.command.begin() + 1, task.command.end());
    return join(rest, " ");
}

void judge_launcher_per_task(const Facts& facts, Judge& judge) {
    const auto tasks = commanded(facts, judge);
    for (const Task& task : tasks) {
        const std::string launcher = per_node_launcher(task.command);
        if (launcher.empty() || task.here < 2) continue;
        const int nodes = task.slurm.nodes.value_or(task.number("SLURM_NNODES").value_or(1));
        judge.fire(task.subject,
                   fmt::format("{} is started {} times per node, and each starts the tasks of "
                               "a whole node",
                               launcher, task.here),
                   {std::to_string(task.here), "1", "tasks per node"},
                   fmt::format("srun -n {} --ntasks-per-node=1 {}", nodes, show_command(task)));
    }
    if (!tasks.empty()) judge.pass_if_silent("no launcher is started more than once per node");
}

/// srun inside a step shares its resources when told to, and did without before 20.11.
bool shares_step(const Task& task) {
    if (has_word(task, "--overlap") || task.variable("SLURM_OVERLAP")) return true;
    const auto version = parse_slurm_version(task.node == nullptr ? "" : task.node->slurm_version);
    return version && *version < since::steps_are_exclusive;
}

void judge_nested_srun(const Facts& facts, Judge& judge) {
    const auto tasks = commanded(facts, judge);
    for (const Task& task : tasks) {
        if (program_of(task.command) != "srun" || shares_step(task)) continue;
        judge.fire(task.subject,
                   fmt::format("srun runs inside step {}.{} without --overlap, so it waits "
                               "for resources that this step holds",
                               task.slurm.job_id, task.slurm.step_id),
                   {}, "srun --overlap --cpu-bind=none " + arguments(task));
    }
    if (!tasks.empty()) judge.pass_if_silent("no srun waits inside the step");
}

void judge_nested_bind(const Facts& facts, Judge& judge) {
    const auto tasks = commanded(facts, judge);
    for (const Task& task : tasks) {
        const std::string program = program_of(task.command);
        const auto bind = task.variable("SLURM_CPU_BIND");
        const bool inherits = program == "sbatch" || (program == "srun" && shares_step(task));
        if (!bind || !inherits || has_word(task, "--cpu-bind")) continue;
        judge.fire(task.subject,
                   fmt::format("{} would inherit SLURM_CPU_BIND of this step", program), {},
                   program == "srun" ? "srun --cpu-bind=none " + arguments(task)
                                     : "unset ${!SLURM_CPU_BIND*}; " + show_command(task));
    }
    if (!tasks.empty()) judge.pass_if_silent("no srun or sbatch inherits the CPU binding");
}

/// How many ranks mpirun is to start; as many as GPUs when it does not say.
int ranks_of_mpirun(const Task& task) {
    for (std::size_t i = 0; i + 1 < task.command.size(); ++i) {
        const std::string& word = task.command[i];
        if (word != "-n" && word != "-np" && word != "--np" && word != "-c") continue;
        if (const auto count = count_gpus(task.command[i + 1])) return *count;
    }
    return count_gpus(task, "SLURM_GPUS_ON_NODE").value_or(2);
}

void judge_mpirun(const Facts& facts, Judge& judge) {
    const auto tasks = commanded(facts, judge);
    for (const Task& task : tasks) {
        const std::string program = program_of(task.command);
        if (!is_mpirun(program) || task.slurm.task_count() > 1) continue;
        judge.fire(task.subject,
                   fmt::format("{} is the only task of the step, so it finds one slot", program),
                   {"1", "", "slots"},
                   fmt::format("leave {} out and let srun start the ranks: srun --mpi=pmix -n "
                               "{} PROGRAM",
                               program, ranks_of_mpirun(task)));
    }
    if (!tasks.empty()) judge.pass_if_silent("no mpirun is alone in the step");
}

}  // namespace

std::vector<Rule> launch_nesting() {
    return {
        {"launch-launcher-per-task", launch_heading, Severity::warning, Privilege::user,
         Level::quick,
         "Far too many processes, \"Duplicate GPU detected\", or EADDRINUSE at the start.",
         "torchrun, accelerate, deepspeed or mpirun starts the tasks of a whole node, but srun "
         "starts it once per task: a job with -n8 makes srun ignore --ntasks-per-node=1.",
         "The name of the program of each task against the number of tasks on its node.",
         "Start one launcher per node: srun -n $SLURM_NNODES --ntasks-per-node=1 torchrun …",
         over_ranks(judge_launcher_per_task)},
        {"launch-nested-srun", launch_heading, Severity::warning, Privilege::user, Level::quick,
         "\"step creation temporarily disabled, retrying (Requested nodes are busy)\", and nothing "
         "happens.",
         "srun was typed inside a step. Since Slurm 20.11 a step has its resources for itself, so "
         "the inner step waits for the outer one, which waits for it.",
         "The program of a task that srun has started: srun without --overlap.",
         "srun --overlap --cpu-bind=none PROGRAM", over_ranks(judge_nested_srun)},
        {"launch-nested-cpu-bind", launch_heading, Severity::warning, Privilege::user, Level::quick,
         "\"CPU binding outside of job step allocation\".",
         "srun or sbatch was typed inside a step and inherits SLURM_CPU_BIND, whose mask belongs "
         "to the outer step.",
         "SLURM_CPU_BIND of a task whose program is srun or sbatch.",
         "unset ${!SLURM_CPU_BIND*}, or srun --cpu-bind=none PROGRAM",
         over_ranks(judge_nested_bind)},
        {"launch-mpirun-in-step", launch_heading, Severity::warning, Privilege::user, Level::quick,
         "\"There are not enough slots available in the system\".",
         "mpirun was started by srun as the single task of a step and sees one slot, that of its "
         "own task.",
         "The program of the task against SLURM_STEP_NUM_TASKS.",
         "Leave mpirun out and let srun start the ranks: srun --mpi=pmix -n 8 PROGRAM",
         over_ranks(judge_mpirun)},
    };
}

}  // namespace warpstep::check::families
