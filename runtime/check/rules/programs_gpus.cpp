// SPDX-License-Identifier: Apache-2.0
// How many GPUs the watched programs use of those they were granted.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runtime/base/counted.hpp"
#include "runtime/check/rules/programs.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check {
namespace {

/// No process of the node is seen on a GPU, and nothing tells whether that is so.
bool blind(const Watched& node) {
    return node.facts == nullptr || (!node.facts->gpu_problem.empty() && node.used.empty());
}

/// Of the nodes that cannot be judged; one finding each.
void unknown_nodes(const std::vector<Watched>& nodes, Judge& judge) {
    for (const Watched& node : nodes) {
        if (!blind(node)) continue;
        judge.unknown({node.name, -1, "", "", ""}, node.facts == nullptr
                                                       ? "nothing is known about the node"
                                                       : node.facts->gpu_problem);
    }
}

void conclude(Judge& judge, const std::vector<Watched>& nodes, const std::string& all_well) {
    unknown_nodes(nodes, judge);
    judge.pass_if_silent(all_well);
}

/// Processes with a program of their own on exactly one GPU, though they see more.
std::map<std::string, std::vector<const Process*>> users_by_gpu(const Watched& node) {
    std::map<std::string, std::vector<const Process*>> users;
    for (const Process& process : node.processes) {
        const bool sees_one = process.view.visible && process.view.visible->size() <= 1;
        if (process.used.size() == 1 && !process.forked() && !sees_one)
            users[process.used.front()].push_back(&process);
    }
    return users;
}

void judge_one_gpu(const Facts& facts, Judge& judge) {
    if (nothing_watched(facts, judge)) return;
    const auto nodes = watched(facts);
    const auto allowed = static_cast<std::size_t>(std::max(1, facts.intent.share.value_or(1)));
    for (const Watched& node : nodes) {
        const auto idle = node.idle_count();
        if (idle == 0) continue;
        for (const auto& [gpu, users] : users_by_gpu(node)) {
            if (users.size() <= allowed) continue;
            for (const Process* user : users)
                fire_with(
                    judge, user->subject(),
                    fmt::format("{} of a node use one and the same GPU of the {} granted, and "
                                "{} idle",
                                counted(users.size(), "process"), node.granted_count,
                                idle == 1 ? "1 is" : fmt::format("{} are", idle)),
                    gpu);
        }
    }
    conclude(judge, nodes, "no processes crowd on one GPU while others are idle");
}

void judge_no_gpu(const Facts& facts, Judge& judge) {
    if (nothing_watched(facts, judge)) return;
    const auto nodes = watched(facts);
    for (const Watched& node : nodes) {
        if (blind(node) || node.granted_count == 0) continue;
        for (const std::size_t task : node.tasks) {
            if (!node.used_by_task(task).empty()) continue;
            const Process& process = node.processes[task];
            fire_with(
                judge, process.subject(),
                fmt::format(
                    "neither the task nor a process below it is on a GPU, of which {} "
                    "granted on the node",
                    node.granted_count == 1 ? "1 is" : fmt::format("{} are", node.granted_count)),
                fmt::format(
                    "pid {}, {}", process.facts->pid,
                    process.facts->maps_cuda ? "libcuda is loaded" : "libcuda is not loaded"));
        }
    }
    conclude(judge, nodes, "every task is on a GPU");
}

/// The one process cannot use more: it is shown one GPU, or the others that it forked for the idle
/// GPUs cannot start CUDA. Rules of their own say so.
bool has_other_cause(const Watched& node) {
    const auto forked = std::count_if(node.processes.begin(), node.processes.end(),
                                      [&](const Process& p) { return p.forked_after_cuda(node); });
    const bool shown_one =
        std::any_of(node.processes.begin(), node.processes.end(),
                    [](const Process& p) { return !p.used.empty() && p.view.only().has_value(); });
    return shown_one || static_cast<std::size_t>(forked) >= node.idle_count();
}

void judge_single_process(const Facts& facts, Judge& judge) {
    if (nothing_watched(facts, judge)) return;
    const auto nodes = watched(facts);
    for (const Watched& node : nodes) {
        const auto users =
            std::count_if(node.processes.begin(), node.processes.end(),
                          [](const Process& p) { return !p.used.empty() && !p.forked(); });
        if (node.tasks.size() != 1 || users != 1) continue;
        if (node.used.size() != 1 || node.granted_count < 2 || has_other_cause(node)) continue;
        const Process& task = node.processes[node.tasks.front()];
        fire_with(judge, task.subject(),
                  fmt::format("one process uses 1 of {} granted GPUs", node.granted_count),
                  fmt::format("pid {} on {}", task.facts->pid, node.used.front()),
                  fmt::format("start one process per GPU: srun --mpi=pmix --ntasks-per-node={0} "
                              "--gpus-per-node={0} warpstep exec -- CMD; or ask for one GPU: "
                              "--gpus-per-node=1",
                              node.granted_count));
    }
    conclude(judge, nodes, "no single process leaves granted GPUs of its node idle");
}

bool started_by_batch_script(const ProgramFacts& program) {
    if (!program.env || !program.env->contains("SLURM_JOB_ID")) return false;
    return !program.env->contains("SLURM_STEP_ID") || program.step.ends_with(".batch");
}

void judge_not_in_step(const Facts& facts, Judge& judge) {
    if (nothing_watched(facts, judge)) return;
    const auto nodes = watched(facts);
    for (const Watched& node : nodes) {
        for (const Process& process : node.processes) {
            if (process.used.empty() || !started_by_batch_script(*process.facts)) continue;
            const int tasks = number(*process.facts->env, "SLURM_NTASKS").value_or(1);
            if (tasks <= 1 && node.idle_count() == 0) continue;
            fire_with(
                judge, process.subject(),
                fmt::format("a process that the batch script started without srun is on {} of "
                            "{} granted GPUs, in a job of {}",
                            process.used.size(), node.granted_count,
                            counted(std::max(1, tasks), "task")),
                fmt::format("pid {}", process.facts->pid),
                fmt::format("in the batch script: srun --mpi=pmix --ntasks-per-node={} CMD",
                            node.granted_count));
        }
    }
    judge.pass_if_silent("no process on a GPU was started without srun");
}

}  // namespace

std::vector<Rule> rules_of_used_gpus() {
    return {
        {"program-not-in-step", programs_family, Severity::warning, Privilege::user, Level::quick,
         "A job of several tasks has one process on one GPU.",
         "The batch script starts the program itself, so that it runs once, on the first node.",
         "Processes on GPUs whose environment has SLURM_JOB_ID but no SLURM_STEP_ID, in a job of "
         "several tasks or with idle GPUs.",
         "Put srun --mpi=pmix before the command in the batch script.",
         over_ranks(judge_not_in_step)},
        {"program-single-process", programs_family, Severity::warning, Privilege::user,
         Level::quick, "Several GPUs were granted and one is used.",
         "The step has one task on the node, and its program uses one GPU.",
         "The processes of the step in NVML's lists against the GPUs it was granted.",
         "Start one process per GPU: srun --mpi=pmix --ntasks-per-node=N --gpus-per-node=N "
         "warpstep exec -- CMD.",
         over_ranks(judge_single_process)},
        {"program-one-gpu", programs_family, Severity::error, Privilege::user, Level::quick,
         "All ranks are on GPU 0, which runs out of memory, and the others are idle.",
         "Every rank sees all GPUs and the program takes the first one (cuda:0), because it never "
         "selects its own.",
         "NVML's lists of processes: several processes that see several GPUs use the same one, and "
         "others that were granted are idle.",
         "In the program, before the first CUDA call: "
         "torch.cuda.set_device(int(os.environ[\"LOCAL_RANK\"])); without changing it: srun … "
         "warpstep exec --visible one -- CMD.",
         over_ranks(judge_one_gpu)},
        {"program-no-gpu", programs_family, Severity::warning, Privilege::user, Level::quick,
         "Some ranks compute on the CPU, or wait.",
         "The task has not started CUDA yet, does not use it, or could not start it.",
         "Tasks and the processes below them that are in no GPU's list of processes though GPUs "
         "were granted.",
         "Look into the log of that rank for a CUDA error or a fall-back to the CPU; if the "
         "program "
         "is still loading, check again in a minute.",
         over_ranks(judge_no_gpu)},
    };
}

}  // namespace warpstep::check
