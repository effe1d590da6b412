// SPDX-License-Identifier: Apache-2.0
// What the watched programs were shown against what they do with it.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "runtime/base/counted.hpp"
#include "runtime/check/rules/names.hpp"
#include "runtime/check/rules/programs.hpp"
#include "runtime/check/rules/visibility.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check {
namespace {

/// Processes whose set of GPUs counts: those that have CUDA loaded, all where none has.
std::vector<SeenSet> sets_of(const std::vector<Watched>& nodes) {
    std::vector<SeenSet> sets;
    for (const Watched& node : nodes) {
        const auto with_cuda = [](const Process& p) {
            return p.facts->maps_cuda || !p.used.empty();
        };
        const bool some = std::any_of(node.processes.begin(), node.processes.end(), with_cuda);
        for (const Process& process : node.processes) {
            if (!process.facts->env || process.forked()) continue;
            if (!some || with_cuda(process))
                sets.push_back({process.subject(), &*process.facts->env, process.view});
        }
    }
    return sets;
}

void compare_used(const Process& process, Judge& judge) {
    if (!process.view.visible || process.used.empty()) return;
    // In MIG mode NVML's list may name the GPU where the environment names its instance.
    if (std::any_of(process.view.visible->begin(), process.view.visible->end(), is_mig)) return;
    const auto outside = without(process.used, *process.view.visible);
    if (outside.empty()) return;
    const bool after_parent = process.parent != nullptr && process.parent->has_cuda_context;
    fire_with(judge, process.subject(),
              fmt::format("a process uses {} that {} of its environment does not show{}",
                          counted(outside.size(), "GPU"),
                          shown_variable(*process.facts->env, "CUDA_VISIBLE_DEVICES"),
                          after_parent ? ", and its parent had used CUDA before" : ""),
              fmt::format("pid {} on {}", process.facts->pid, some_of(outside)));
}

void judge_changed(const Facts& facts, Judge& judge) {
    if (nothing_watched(facts, judge)) return;
    const auto nodes = watched(facts);
    for (const Watched& node : nodes) {
        for (const Process& process : node.processes) {
            if (!process.facts->env)
                judge.unknown(process.subject(), process.view.visible_problem);
            else
                compare_used(process, judge);
        }
    }
    compare_with_grant(sets_of(nodes), {}, judge);
    judge.pass_if_silent("the processes are on GPUs that their environment shows them");
}

void judge_fork(const Facts& facts, Judge& judge) {
    if (nothing_watched(facts, judge)) return;
    const auto nodes = watched(facts);
    for (const Watched& node : nodes) {
        // Children that only load data do no harm, and leave no GPU idle.
        const auto idle = node.idle_count();
        for (const Process& process : node.processes) {
            if (idle == 0 || !process.forked_after_cuda(node)) continue;
            fire_with(
                judge, process.subject(),
                fmt::format("a process was forked from one that had started CUDA, cannot use "
                            "CUDA itself, and {} granted {} idle on the node",
                            idle, idle == 1 ? "GPU is" : "GPUs are"),
                fmt::format("pid {}, forked from pid {}", process.facts->pid, process.parent->pid));
        }
    }
    judge.pass_if_silent("no process that should use CUDA was forked from one that did");
}

/// LOCAL_RANK of the process, else Slurm's.
int local_rank_of(const Process& process) {
    const int slurm = process.facts->local_rank;
    return process.facts->env ? number(*process.facts->env, "LOCAL_RANK").value_or(slurm) : slurm;
}

bool is_beyond(const Process& process) {
    const auto& visible = process.view.visible;
    return visible && !visible->empty() &&
           local_rank_of(process) >= static_cast<int>(visible->size());
}

/// Tasks of the step that are not there any more, by what the first one's environment says; 0 where
/// not all nodes are watched.
int missing_tasks(const std::vector<Watched>& nodes) {
    for (const Watched& node : nodes) {
        for (const std::size_t task : node.tasks) {
            const auto& env = node.processes[task].facts->env;
            if (!env) continue;
            const auto size = number(*env, "SLURM_STEP_NUM_TASKS");
            const bool everywhere =
                number(*env, "SLURM_STEP_NUM_NODES") == static_cast<int>(nodes.size());
            return size && everywhere ? *size - count_tasks(nodes) : 0;
        }
    }
    return 0;
}

void judge_ordinal_of_program(const Facts& facts, Judge& judge) {
    if (nothing_watched(facts, judge)) return;
    const auto nodes = watched(facts);
    bool first_only = true;  // of what is left every task is the first of its node and sees one GPU
    for (const Watched& node : nodes) {
        for (const std::size_t index : node.tasks) {
            const Process& task = node.processes[index];
            const bool sees_one = task.view.visible && task.view.visible->size() == 1;
            first_only = first_only && sees_one && local_rank_of(task) == 0;
            if (!is_beyond(task) || !node.used_by_task(index).empty()) continue;
            if (!task.facts->maps_cuda) continue;
            fire_with(judge, task.subject(),
                      fmt::format("{} visible, LOCAL_RANK is larger than its number, and the task "
                                  "has loaded CUDA without getting on a GPU",
                                  task.view.visible->size() == 1
                                      ? "1 GPU is"
                                      : fmt::format("{} GPUs are", task.view.visible->size())),
                      fmt::format("pid {}, cuda:{} does not exist", task.facts->pid,
                                  local_rank_of(task)));
        }
    }
    const int missing = missing_tasks(nodes);
    const bool left_alone = first_only && missing > 0;
    if (left_alone)
        judge.warn(
            {}, fmt::format("{} have ended, and of those left each sees one GPU and is the "
                            "first of its node: perhaps the others asked for a GPU with a number "
                            "above 0",
                            counted(missing, "task")));
    judge.pass_if_silent("no task asks for a GPU with a number that it does not see");
}

}  // namespace

std::vector<Rule> rules_of_program_views() {
    return {
        {"program-visible-changed", programs_family, Severity::error, Privilege::user, Level::quick,
         "CUDA_VISIBLE_DEVICES seems to have no effect, or hides GPUs that were granted.",
         "A wrapper or the program itself changed CUDA_VISIBLE_DEVICES after Slurm had set it, or "
         "set it after CUDA had started in it or in the process it was forked from.",
         "/proc/PID/environ of each process against SLURM_STEP_GPUS and against the GPUs it is on, "
         "by UUID.",
         "Set CUDA_VISIBLE_DEVICES before the first CUDA call and before the program starts, or "
         "leave it alone and let srun … warpstep exec --visible one -- CMD set it.",
         over_ranks(judge_changed)},
        {"program-fork-after-cuda", programs_family, Severity::warning, Privilege::user,
         Level::quick,
         "\"Cannot re-initialize CUDA in forked subprocess\", or child processes that never use "
         "their GPU.",
         "The parent had started CUDA before it forked, and CUDA cannot be used in such a child.",
         "A child with the command line of its parent and libcuda loaded that is in no GPU's list, "
         "whose parent has a CUDA context, while granted GPUs are idle.",
         "torch.multiprocessing.set_start_method(\"spawn\") before CUDA is used, or one task per "
         "GPU: srun --ntasks-per-node=N --gpus-per-node=N warpstep exec -- CMD. Children that only "
         "load data may stay.",
         over_ranks(judge_fork)},
        {"program-ordinal", programs_family, Severity::error, Privilege::user, Level::quick,
         "\"CUDA error: invalid device ordinal\" on every rank but the first of a node.",
         "The program takes the GPU with the number LOCAL_RANK, but each task sees one GPU, which "
         "has the number 0.",
         "Tasks that see fewer GPUs than LOCAL_RANK counts and hold no CUDA context, or have "
         "ended, while the first of the node runs.",
         "Use device 0 (torch.cuda.set_device(0)), or srun … warpstep exec --visible virtual -- "
         "CMD.",
         over_ranks(judge_ordinal_of_program)},
    };
}

}  // namespace warpstep::check
