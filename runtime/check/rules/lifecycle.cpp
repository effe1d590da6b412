// SPDX-License-Identifier: Apache-2.0
// Time limits, requeueing and signals.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <set>

#include "runtime/base/counted.hpp"
#include "runtime/base/text.hpp"
#include "runtime/check/rules.hpp"
#include "runtime/check/rules/tasks.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check::families {
namespace {

constexpr char heading[] = "Signals and lifecycle";

/// How long a check of this level takes, where the caller does not say how long the run takes.
double seconds_of_level(const std::string& level) {
    return level == "quick" ? 30 : level == "standard" ? 180 : 1200;
}

/// Until when the job may run, in seconds since 1970; nothing when nobody tells.
std::optional<double> end_of_job(const Facts& facts) {
    for (const RankFacts& rank : facts.ranks) {
        if (const auto end = number(rank.env, "SLURM_JOB_END_TIME")) return *end;
    }
    for (const NodeFacts& node : facts.nodes) {
        if (node.job_end_s) return static_cast<double>(*node.job_end_s);
    }
    return std::nullopt;
}

/// "5:00" for minutes and seconds as --time takes them, rounded up.
std::string show_time(double seconds) {
    const auto minutes = static_cast<long>(seconds / 60.0) + 1;
    return fmt::format("{}:{:02}:00", minutes / 60, minutes % 60);
}

void judge_time(const Facts& facts, Judge& judge) {
    if (!facts.in_slurm()) return judge.skip("not in a Slurm job");
    const auto end = end_of_job(facts);
    const bool unlimited = std::any_of(facts.nodes.begin(), facts.nodes.end(),
                                       [](const NodeFacts& node) { return node.job_unlimited; });
    if (unlimited) return judge.pass({}, "the job has no time limit");
    if (!end) return judge.unknown({}, "neither SLURM_JOB_END_TIME nor scontrol tells the end");
    const double left = *end - facts.ranks.front().clock_s;
    const double needed = facts.intent.run_s.value_or(seconds_of_level(facts.intent.level));
    const Figure figure{fmt::format("{:.0f}", left), fmt::format("{:.0f}", needed), "s"};
    if (left >= needed) {
        return judge.pass({}, fmt::format("{:.0f} s are left, {:.0f} s are needed", left, needed),
                          figure);
    }
    judge.fire({},
               fmt::format("{:.0f} s are left until the time limit, {:.0f} s are needed",
                           std::max(left, 0.0), needed),
               figure,
               fmt::format("ask for at least {0} more: scontrol update JobId={1} "
                           "TimeLimit=+{0} (administrator), or submit with a longer --time; or "
                           "take a smaller --level",
                           show_time(needed - left),
                           variable(facts.ranks.front().env, "SLURM_JOB_ID").value_or("JOB")));
}

void judge_requeue(const Facts& facts, Judge& judge) {
    if (!facts.in_slurm()) return judge.skip("not in a Slurm job");
    if (!facts.intent.checkpoints) return judge.skip("no workload with a checkpoint is to run");
    const auto node = std::find_if(facts.nodes.begin(), facts.nodes.end(),
                                   [](const NodeFacts& n) { return n.job_requeues.has_value(); });
    if (node == facts.nodes.end())
        return judge.unknown({}, "Slurm does not tell whether the job may be requeued");
    if (*node->job_requeues) return judge.pass({}, "the job may be requeued");
    judge.fire({}, "the workload writes checkpoints, but the job is not to be requeued", {},
               "#SBATCH --requeue and #SBATCH --signal=USR1@180");
}

void judge_restarted(const Facts& facts, Judge& judge) {
    const auto tasks = tasks_of(facts);
    if (skips_outside_job(tasks, judge)) return;
    const int restarts = tasks.front().number("SLURM_RESTART_COUNT").value_or(0);
    if (restarts == 0) return judge.pass({}, "the job runs for the first time");
    judge.fire({}, "Slurm has requeued the job " + counted(restarts, "time"),
               {std::to_string(restarts), "0", "restarts"});
}

bool has(const std::vector<int>& signals, int signal) {
    return std::find(signals.begin(), signals.end(), signal) != signals.end();
}

std::string name_of_signal(int signal) {
    return signal == SIGUSR1 ? "USR1" : signal == SIGUSR2 ? "USR2" : "TERM";
}

std::vector<std::string> unhandled(const SignalFacts& signals) {
    std::vector<std::string> names;
    for (const int signal : {SIGUSR1, SIGTERM}) {
        // A blocked signal is taken by sigwait or a signalfd.
        if (has(signals.caught, signal) || has(signals.ignored, signal) ||
            has(signals.blocked, signal))
            continue;
        names.push_back(name_of_signal(signal));
    }
    return names;
}

void judge_unhandled(const Facts& facts, Judge& judge) {
    std::size_t tasks = 0;
    for (const ProgramFacts& program : facts.programs) {
        if (!program.is_task) continue;
        ++tasks;
        const auto names = unhandled(program.signals);
        if (names.empty()) continue;
        judge.fire(subject_of(program), fmt::format("the program has no handler for {} and "
                                                    "would end at once",
                                                    join(names, " and ")));
    }
    if (tasks == 0) return judge.skip("no task of another program is looked at");
    judge.pass_if_silent("the tasks handle USR1 and TERM");
}

/// The signal at which submitit requeues, where it has started the task.
std::optional<int> signal_of_submitit(const std::map<std::string, std::string>& env) {
    const auto wanted = variable(env, "SUBMITIT_PREEMPT_SIGNAL");
    if (!wanted && !variable(env, "SUBMITIT_EXECUTOR")) return std::nullopt;
    return wanted && wanted->ends_with("USR1") ? SIGUSR1 : SIGUSR2;
}

/// Another program among the children of a task that handles one of its signals, too. Forked
/// workers inherit the handlers of the same command, and are no second owner.
std::string second_owner(const Facts& facts, const ProgramFacts& task) {
    for (const ProgramFacts& child : facts.programs) {
        if (child.node != task.node || child.parent != task.pid || child.command == task.command)
            continue;
        for (const int signal : {SIGUSR1, SIGUSR2}) {
            if (!has(task.signals.caught, signal) || !has(child.signals.caught, signal)) continue;
            return fmt::format("'{}' and its child '{}' both handle {}", task.command,
                               child.command, name_of_signal(signal));
        }
    }
    return "";
}

void judge_owners(const Facts& facts, Judge& judge) {
    std::size_t judged = 0;
    for (const RankFacts& rank : facts.ranks) {
        const auto signal = signal_of_submitit(rank.env);
        if (!signal) continue;
        ++judged;
        if (!has(rank.signals.caught, *signal)) continue;
        judge.fire(subject_of(rank),
                   fmt::format("submitit requeues at {}, and this program handles it, too",
                               name_of_signal(*signal)));
    }
    for (const ProgramFacts& program : facts.programs) {
        if (!program.is_task) continue;
        ++judged;
        const std::string text = second_owner(facts, program);
        if (!text.empty()) judge.fire(subject_of(program), text);
    }
    if (judged == 0) return judge.skip("neither submitit nor a program that is looked at");
    judge.pass_if_silent("each signal has one owner");
}

}  // namespace

std::vector<Rule> lifecycle() {
    return {
        {"slurm-time-left", heading, Severity::warning, Privilege::user, Level::quick,
         "The job is killed at its time limit before it is done.",
         "Less time is left until the end of the job than the run needs.",
         "SLURM_JOB_END_TIME (or EndTime of scontrol show job) and the clock against the announced "
         "length of the run, or that of a check of this level.",
         "Submit with a longer --time, or take a smaller --level.", once(judge_time)},
        {"slurm-requeue-unready", heading, Severity::information, Privilege::user, Level::quick,
         "A preempted or failed job does not come back though it has a checkpoint.",
         "The job was submitted with --no-requeue, or that is the cluster's default "
         "(JobRequeue=0).",
         "Requeue= of scontrol show job, where a workload with a checkpoint is to run.",
         "#SBATCH --requeue and #SBATCH --signal=USR1@180", once(judge_requeue)},
        {"requeue-restarted", heading, Severity::information, Privilege::user, Level::quick,
         "Output files are empty or begin anew after a requeue.",
         "Slurm started the batch script again from its beginning; files opened for writing were "
         "cut, and a program that does not look at SLURM_RESTART_COUNT begins from nothing.",
         "SLURM_RESTART_COUNT.",
         "#SBATCH --open-mode=append, and resume from the checkpoint when SLURM_RESTART_COUNT is "
         "above 0",
         once(judge_restarted)},
        {"signal-unhandled", heading, Severity::information, Privilege::user, Level::quick,
         "All tasks die at the signal that was to make them write a checkpoint.",
         "Slurm sends --signal=USR1@… to every process of the tasks, and TERM before KILL at the "
         "time limit or at preemption; a program without a handler ends at once.",
         "SigCgt, SigIgn and SigBlk of /proc/PID/status of the tasks.",
         "Install a handler for USR1 and TERM in the program, or let warpstep run it with a "
         "checkpoint; without either, leave --signal out.",
         over_ranks(judge_unhandled)},
        {"signal-two-owners", heading, Severity::warning, Privilege::user, Level::quick,
         "The job is requeued twice, or a framework ignores the signal.",
         "Two programs of one task handle the same signal: submitit takes USR2 unless "
         "SUBMITIT_PREEMPT_SIGNAL says otherwise, PyTorch Lightning takes USR1.",
         "The signals that a task and its children handle, and SUBMITIT_PREEMPT_SIGNAL.",
         "Leave the signal to one of them: SUBMITIT_PREEMPT_SIGNAL=USR2 for submitit and USR1 for "
         "the program, or the other way round.",
         over_ranks(judge_owners)},
    };
}

}  // namespace warpstep::check::families
