// SPDX-License-Identifier: Apache-2.0
// Does every task know who it is: started by srun, with a PMIx server, with variables of its own
// step?
#include <fmt/format.h>

#include "runtime/base/counted.hpp"
#include "runtime/check/rules/launch.hpp"
#include "runtime/check/rules/names.hpp"
#include "runtime/check/rules/tasks.hpp"
#include "runtime/check/rules/walks.hpp"
#include "runtime/step/discover.hpp"

namespace warpstep::check::families {
namespace {

void judge_srun(const Facts& facts, Judge& judge) {
    const auto tasks = tasks_of(facts);
    if (skips_outside_job(tasks, judge)) return;
    for (const Task& task : tasks) {
        if (!lacks_srun(task)) continue;
        const int count = task.slurm.task_count();
        const int nodes = task.number("SLURM_JOB_NUM_NODES").value_or(1);
        const auto gpus = count_gpus(task, "SLURM_GPUS_ON_NODE");
        const std::string granted = gpus ? fmt::format(" and {} GPUs on this node", *gpus) : "";
        const std::string more =
            count == 1 && gpus && *gpus > 1 ? fmt::format("--ntasks-per-node={} ", *gpus) : "";
        judge.fire(task.subject,
                   fmt::format("one process in the {} of job {}, which has {} on {}{}",
                               task.started_by == "batch" ? "batch script" : "shell of salloc",
                               task.job(), counted(count, "task"), counted(nodes, "node"), granted),
                   {"1", std::to_string(count), "tasks"},
                   fmt::format("srun --mpi=pmix {}{}", more, show_command(task)));
    }
    if (!judge.is_silent()) return;
    if (tasks.front().in_step()) return judge.pass({}, "srun started the tasks");
    judge.pass({}, "as many processes as the job has tasks, or a launcher of its own");
}

bool has_foreign_job(const Task& task) {
    return !task.slurm.pmix_name_space.empty() && step::has_stale_variables(task.slurm);
}

void judge_stale(const Facts& facts, Judge& judge) {
    const auto tasks = tasks_of(facts);
    if (skips_outside_job(tasks, judge)) return;
    for (const Task& task : tasks) {
        if (!has_stale_variables(task)) continue;
        const std::string here =
            task.slurm.in_step()
                ? fmt::format("job {} step {}", task.slurm.job_id, task.slurm.step_id)
                : fmt::format("job {} outside a step", task.slurm.job_id);
        const std::string what = has_foreign_job(task)
                                     ? fmt::format("PMIX_NAMESPACE is {}, but the variables say {}",
                                                   task.slurm.pmix_name_space, here)
                                     : fmt::format("the variables say {}, but the cgroup is {}",
                                                   here, task.facts->cgroup);
        judge.fire(task.subject, what);
    }
    judge.pass_if_silent("the variables of PMIx and Slurm name one job and step");
}

void judge_pmix(const Facts& facts, Judge& judge) {
    const auto tasks = tasks_of(facts);
    if (skips_outside_step(tasks, judge)) return;
    for (const Task& task : tasks) {
        if (!lacks_pmix(task)) continue;
        const std::string& type = task.slurm.mpi_type;
        const std::string why = task.facts ? task.facts->pmix.problem : "";
        judge.fire(task.subject,
                   fmt::format("no PMIx server answers in a step of {} tasks (MPI type {}){}",
                               task.slurm.task_count(), type.empty() ? "none" : type,
                               why.empty() ? "" : ": " + why),
                   {},
                   fmt::format("srun --mpi=pmix {}; srun --mpi=list shows what this Slurm was "
                               "built with",
                               show_command(task)));
    }
    if (!judge.is_silent()) return;
    const Task& first = tasks.front();
    if (has_stale_variables(first)) return judge.skip("its variables are of another step");
    if (first.slurm.task_count() < 2) return judge.skip("a step of one task needs no PMIx server");
    judge.pass({}, "a PMIx server answers every task");
}

/// How PMIx and Slurm's variables disagree, "" when they do not.
std::string disagreement(const Task& task) {
    const PmixAnswer& pmix = task.facts->pmix;
    if (!pmix.problem.empty()) return pmix.problem;
    const auto compare = [](const char* what, std::optional<int> told, const char* variable,
                            std::optional<int> value) {
        if (!told || !value || *told == *value) return std::string();
        return fmt::format("PMIx says {} {}, {} says {}", what, *told, variable, *value);
    };
    // In a heterogeneous step the counts may be those of one component.
    if (!task.slurm.heterogeneous()) {
        const std::string text =
            compare("size", pmix.size, "SLURM_STEP_NUM_TASKS", task.slurm.step_tasks);
        if (!text.empty()) return text;
    }
    return compare("rank", pmix.rank, "SLURM_PROCID", task.slurm.proc_id);
}

void judge_size(const Facts& facts, Judge& judge) {
    const auto tasks = tasks_of(facts);
    if (skips_outside_step(tasks, judge)) return;
    std::size_t answered = 0;
    for (const Task& task : tasks) {
        if (task.facts == nullptr || !task.facts->pmix.answered) continue;
        if (has_stale_variables(task)) continue;
        ++answered;
        const std::string text = disagreement(task);
        if (!text.empty()) judge.fire(task.subject, text);
    }
    if (answered == 0) return judge.skip("no PMIx server of this step answers");
    if (!judge.is_silent()) return;
    const auto size = tasks.front().facts->pmix.size;
    if (!size) return judge.unknown({}, "the PMIx server does not tell how many tasks there are");
    judge.pass({}, fmt::format("PMIx and Slurm both count {} tasks", *size));
}

void judge_silent(const Facts& facts, Judge& judge) {
    if (facts.silent_ranks.empty()) {
        return judge.pass({}, facts.ranks.size() == 1
                                  ? "the rank answered"
                                  : fmt::format("all {} ranks answered", facts.ranks.size()));
    }
    const auto missing = facts.silent_ranks.size();
    judge.fire({},
               fmt::format("{} of {} ranks did not answer: {}{}", missing, facts.size,
                           show_ranks(facts.silent_ranks),
                           facts.silence.empty() ? "" : "; " + facts.silence),
               {std::to_string(facts.ranks.size()), std::to_string(facts.size), "ranks"});
}

void judge_partial(const Facts& facts, Judge& judge) {
    const auto tasks = tasks_of(facts);
    std::size_t judged = 0;
    for (const Task& task : tasks) {
        const bool by_ssh = task.started_by == "ssh";
        if (task.job().empty() || (!by_ssh && !task.in_step())) continue;
        ++judged;
        std::string missing;
        for (const char* name : {"SLURM_JOB_ID", "SLURM_PROCID", "SLURM_STEP_NODELIST"}) {
            if (!task.variable(name)) missing += (missing.empty() ? "" : ", ") + std::string(name);
        }
        if (missing.empty()) continue;
        judge.fire(task.subject,
                   fmt::format("{} in job {}, but without {}",
                               by_ssh ? "a session of ssh" : "a task", task.job(), missing),
                   {}, fmt::format("srun --jobid={} --overlap --pty bash", task.job()));
    }
    if (judged == 0) return judge.skip("neither a task of srun nor a session of ssh in a job");
    judge.pass_if_silent("the variables of rank and nodes are there");
}

}  // namespace

std::vector<Rule> launch_identity() {
    return {
        {"launch-no-srun", launch_heading, Severity::warning, Privilege::user, Level::quick,
         "One process runs and one GPU is busy, or a framework waits for ever for its other ranks.",
         "The program was started in the batch script, or in the shell of salloc, without srun. "
         "There it is a single process, though the variables of the job speak of many tasks.",
         "How the process was started (SLURM_STEP_ID is not set, cgroup step_batch) against the "
         "tasks, nodes and GPUs of the job.",
         "Put srun --mpi=pmix before the command.", over_ranks(judge_srun)},
        {"launch-stale-environment", launch_heading, Severity::error, Privilege::user, Level::quick,
         "A job that was submitted from inside another job has wrong ranks, or srun says that the "
         "step requested GRES but the job does not have them.",
         "sbatch, salloc or ssh handed on the variables of the step in which it was typed; they "
         "describe that step and not this one.",
         "PMIX_NAMESPACE and the cgroup against SLURM_JOB_ID and SLURM_STEP_ID (SLURM_HET_JOB_ID "
         "in heterogeneous jobs).",
         "Submit with sbatch --export=NIL, or clear the variables before: unset ${!SLURM_*} "
         "${!PMIX_*}",
         over_ranks(judge_stale)},
        {"slurm-pmix-missing", launch_heading, Severity::error, Privilege::user, Level::quick,
         "Every rank says that it is rank 0 of 1.",
         "The step has no PMIx server: srun was started with --mpi=none or --mpi=pmi2, or that is "
         "the MpiDefault of slurm.conf.",
         "Whether a PMIx server answers in a step whose SLURM_STEP_NUM_TASKS is above 1.",
         "Start with srun --mpi=pmix; srun --mpi=list shows what this Slurm was built with.",
         over_ranks(judge_pmix)},
        {"slurm-pmix-size", launch_heading, Severity::error, Privilege::user, Level::quick,
         "Ranks are missing or doubled, though every task has started.",
         "The PMIx library of the program and the PMIx plugin of Slurm do not understand each "
         "other, or the variables of the launcher were changed after it set them.",
         "The size and rank that PMIx tells against SLURM_STEP_NUM_TASKS and SLURM_PROCID.",
         "Use the same major version of PMIx in Slurm and in the program (srun --mpi=list), and do "
         "not change SLURM_* variables in profiles or containers.",
         over_ranks(judge_size)},
        {"step-rank-missing", launch_heading, Severity::error, Privilege::user, Level::quick,
         "The step hangs, or ends at the time limit without a word.",
         "A rank never reached the others: it died early, its node hangs, or the network between "
         "its node and the others does not work.",
         "The ranks that answered within the time limit against the size of the step.",
         "Look at the nodes of these ranks (scontrol show node NODE), try them alone (srun -N1 -w "
         "NODE hostname), and start with srun --kill-on-bad-exit so that one dead rank ends the "
         "step.",
         once(judge_silent)},
        {"launch-partial-environment", launch_heading, Severity::warning, Privilege::user,
         Level::quick, "KeyError: SLURM_STEP_NODELIST, or a program that finds no rank.",
         "The process runs in a job but was not started by srun, most often through ssh into an "
         "allocated node; such a session has no or only some of the variables of a step.",
         "SLURM_JOB_ID, SLURM_PROCID and SLURM_STEP_NODELIST of a task or of a session of ssh in a "
         "job.",
         "Enter the job through Slurm: srun --jobid=JOB --overlap --pty bash",
         over_ranks(judge_partial)},
    };
}

}  // namespace warpstep::check::families
