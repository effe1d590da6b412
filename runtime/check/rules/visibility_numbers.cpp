// SPDX-License-Identifier: Apache-2.0
// Numbers of GPUs that mean another one, or none, to who uses them.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/counted.hpp"
#include "runtime/check/rules/names.hpp"
#include "runtime/check/rules/visibility.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check {
namespace {

bool is_numbers(const std::string& list) {
    return !list.empty() && list.find_first_not_of("0123456789, ") == list.npos;
}

/// The same GPUs under other numbers, since the process cannot open all of the node's.
bool renumbered(const Facts& facts, const Seeing& task) {
    const auto step = variable(task.rank->env, "SLURM_STEP_GPUS");
    const auto cuda = variable(task.rank->env, "CUDA_VISIBLE_DEVICES");
    if (!step || !cuda || *step == *cuda || !is_numbers(*step) || !is_numbers(*cuda)) return false;
    const NodeFacts* node = facts.node(task.rank->node);
    return node != nullptr && task.view.reachable.size() < node->gpus.size() &&
           without(*task.view.visible, *task.view.granted).empty();
}

void judge_renumbered(const Facts& facts, Judge& judge) {
    if (nothing_to_see(facts, judge)) return;
    bool granted = false;
    for (const Seeing& task : seeing(facts)) {
        const GpuView& view = task.view;
        if (!view.granted) continue;
        granted = true;
        if (!view.visible)
            judge.unknown(task.subject(), view.visible_problem);
        else if (renumbered(facts, task))
            fire_with(judge, task.subject(),
                      fmt::format("GPU {} of Slurm is GPU {} of CUDA, because the devices cgroup "
                                  "hides the other GPUs of the node",
                                  task.rank->env.at("SLURM_STEP_GPUS"),
                                  task.rank->env.at("CUDA_VISIBLE_DEVICES")),
                      some_of(*view.visible));
    }
    if (!granted) return judge.skip("SLURM_STEP_GPUS is not set or names GPUs that are not known");
    judge.pass_if_silent("Slurm and CUDA give the GPUs the same numbers");
}

void judge_ordinal_in_list(const Facts& facts, Judge& judge) {
    if (nothing_to_see(facts, judge)) return;
    for (const Seeing& task : seeing(facts)) {
        const auto local = number(task.rank->env, "LOCAL_RANK");
        if (!local || *local <= 0) continue;
        if (!task.view.visible) {
            judge.unknown(task.subject(), task.view.visible_problem);
            continue;
        }
        const auto visible = task.view.visible->size();
        if (visible == 0 || *local < static_cast<int>(visible)) continue;
        fire_with(judge, task.subject(),
                  fmt::format("LOCAL_RANK counts beyond the last ordinal of what CUDA shows, which "
                              "is {} ({} visible)",
                              visible - 1, counted(visible, "GPU")),
                  fmt::format("cuda:{} does not exist", *local));
    }
    judge.pass_if_silent("no rank has a LOCAL_RANK beyond the GPUs that it sees");
}

bool says_jax(const RankFacts& rank) {
    const auto is_jax = [](const auto& entry) { return entry.first.rfind("JAX_", 0) == 0; };
    const auto names_jax = [](const std::string& word) { return word.find("jax") != word.npos; };
    return std::any_of(rank.env.begin(), rank.env.end(), is_jax) ||
           std::any_of(rank.command.begin(), rank.command.end(), names_jax);
}

void judge_jax(const Facts& facts, Judge& judge) {
    if (nothing_to_see(facts, judge)) return;
    for (const Seeing& task : seeing(facts)) {
        if (!says_jax(*task.rank) || task.rank->env.contains("JAX_LOCAL_DEVICE_IDS")) continue;
        if (number(task.rank->env, "SLURM_LOCALID").value_or(0) <= 0) continue;
        if (!task.view.visible)
            judge.unknown(task.subject(), task.view.visible_problem);
        else if (task.view.only())
            fire_with(judge, task.subject(),
                      "one GPU is visible and JAX takes the one with the number SLURM_LOCALID",
                      shown_variable(task.rank->env, "SLURM_LOCALID"));
    }
    judge.pass_if_silent("no sign of JAX that would look for a GPU it does not see");
}

}  // namespace

std::vector<Rule> rules_of_gpu_numbers() {
    return {
        {"gpu-renumbered", visibility_family, Severity::information, Privilege::user, Level::quick,
         "Slurm says GPU 4-7, nvidia-smi and CUDA say 0-3.",
         "Inside a devices cgroup a process counts only the GPUs that it can open, from 0.",
         "SLURM_STEP_GPUS against CUDA_VISIBLE_DEVICES where both name the same GPUs by UUID.",
         "Nothing; compare GPUs by UUID (nvidia-smi -L), never by number.",
         over_ranks(judge_renumbered)},
        {"gpu-ordinal", visibility_family, Severity::warning, Privilege::user, Level::quick,
         "\"CUDA error: invalid device ordinal\" on every rank but the first of a node.",
         "The task sees fewer GPUs than LOCAL_RANK counts, and frameworks select the GPU with the "
         "number LOCAL_RANK.",
         "LOCAL_RANK against the number of GPUs that CUDA shows to the task.",
         "Use device 0 (torch.cuda.set_device(0)), or let LOCAL_RANK be 0 beside one visible GPU: "
         "srun … warpstep exec --visible virtual -- CMD.",
         over_ranks(judge_ordinal_in_list)},
        {"gpu-jax-local-ids", visibility_family, Severity::information, Privilege::user,
         Level::quick, "JAX fails on every rank but the first of a node.",
         "Under Slurm JAX takes the GPU with the number SLURM_LOCALID, but the task sees one GPU, "
         "which has the number 0.",
         "JAX variables or a command that names it, one visible GPU, SLURM_LOCALID above 0 and "
         "JAX_LOCAL_DEVICE_IDS not set.",
         "export JAX_LOCAL_DEVICE_IDS=0, or show all GPUs: drop --gpus-per-task and --gpu-bind.",
         over_ranks(judge_jax)},
    };
}

}  // namespace warpstep::check
