// SPDX-License-Identifier: Apache-2.0
// What srun's --gpu-bind did, and what it did not do.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runtime/base/counted.hpp"
#include "runtime/check/rules/visibility.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check {
namespace {

/// "map_gpu:3,2,1,0" of "gpu:verbose,map_gpu:3,2,1,0" or "gres/gpu:map_gpu:3,2,1,0"; "" without.
std::string binding_in(const std::map<std::string, std::string>& env, const char* name) {
    const std::string text = variable(env, name).value_or("");
    const auto gpu = text.find("gpu:");
    // The request's variable of older versions names no resource.
    const bool plain = gpu == text.npos || text.rfind("map_gpu:", 0) == 0;
    std::string binding = plain ? text : text.substr(gpu + 4);
    for (const char* word : {"verbose,", "v,"}) {
        if (binding.rfind(word, 0) == 0) binding.erase(0, std::string(word).size());
    }
    return binding;
}

std::string binding_of(const RankFacts& rank) {
    return binding_in(rank.env, "SLURMD_TRES_BIND");
}

bool begins(const std::string& text, const char* with) {
    return text.rfind(with, 0) == 0;
}

void judge_bind_none(const Facts& facts, Judge& judge) {
    if (nothing_to_see(facts, judge)) return;
    for (const Seeing& task : seeing(facts)) {
        const auto granted = number(task.rank->env, "SLURM_GPUS_ON_NODE");
        const bool unset = !task.rank->env.contains("CUDA_VISIBLE_DEVICES");
        if (binding_of(*task.rank) != "none" || !unset || !granted) continue;
        const auto reached = task.view.reachable.size();
        if (static_cast<int>(reached) <= *granted) continue;
        const NodeFacts* node = facts.node(task.rank->node);
        judge.fire(task.subject(),
                   fmt::format("--gpu-bind=none of Slurm {} removed CUDA_VISIBLE_DEVICES: {} GPUs "
                               "can be used, {} of them granted",
                               node == nullptr ? "" : node->slurm_version, reached, *granted));
    }
    judge.pass_if_silent(
        "no task lost CUDA_VISIBLE_DEVICES to --gpu-bind=none on a node that it shares");
}

/// Ranks for each GPU that --gpu-bind means to have.
int allowed_per_gpu(const Facts& facts, const std::string& binding) {
    int allowed = std::max(1, facts.intent.share.value_or(1));
    if (begins(binding, "single:")) {
        const std::map<std::string, std::string> wanted{{"N", binding.substr(7)}};
        allowed = std::max(allowed, number(wanted, "N").value_or(1));
    }
    return allowed;
}

std::string remedy_for_map(const Facts& facts, const Seeing& task, const std::string& binding) {
    const NodeFacts* node = facts.node(task.rank->node);
    const std::vector<std::string> granted =
        node == nullptr ? std::vector<std::string>{} : granted_on(facts, *node);
    if (!begins(binding, "map_gpu") && !begins(binding, "mask_gpu"))
        return fmt::format("start no more tasks than GPUs: srun --ntasks-per-node={}",
                           granted.size());
    const std::string numbers = ordinals(task.view, granted);
    return fmt::format(
        "name granted GPUs, each once: --gpu-bind=map_gpu:{}; or leave --gpu-bind "
        "away and start warpstep exec -- CMD",
        numbers.empty() ? "0,1,…" : numbers);
}

void judge_bind_map(const Facts& facts, Judge& judge) {
    if (nothing_to_see(facts, judge)) return;
    bool bound = false;
    const std::vector<Seeing> all = seeing(facts);
    std::map<std::pair<std::string, std::string>, int> ranks_of_gpu;
    for (const Seeing& task : all) {
        if (const auto gpu = task.view.only()) ++ranks_of_gpu[{task.rank->node, *gpu}];
    }
    for (const Seeing& task : all) {
        const std::string binding = binding_of(*task.rank);
        const auto is_kind = [&](const char* kind) { return begins(binding, kind); };
        const auto kinds = {"map_gpu", "mask_gpu", "single", "per_task"};
        if (std::none_of(kinds.begin(), kinds.end(), is_kind)) continue;
        bound = true;
        if (!task.view.visible) {
            judge.unknown(task.subject(), task.view.visible_problem);
            continue;
        }
        const auto gpu = task.view.only();
        const NodeFacts* node = facts.node(task.rank->node);
        if (!gpu || is_mig(*gpu) || (node != nullptr && node->mps)) continue;
        const int ranks = ranks_of_gpu[{task.rank->node, *gpu}];
        if (ranks <= allowed_per_gpu(facts, binding)) continue;
        fire_with(judge, task.subject(),
                  fmt::format("--gpu-bind={} gave {} tasks of a node the same GPU", binding, ranks),
                  *gpu, remedy_for_map(facts, task, binding));
    }
    if (!bound) return judge.skip("Slurm bound no task to GPUs");
    judge.pass_if_silent("--gpu-bind gave no GPU to more tasks than it says");
}

void judge_bind_dropped(const Facts& facts, Judge& judge) {
    if (nothing_to_see(facts, judge)) return;
    for (const Seeing& task : seeing(facts)) {
        std::string wish = binding_in(task.rank->env, "SLURM_GPU_BIND");
        if (wish.empty()) wish = binding_in(task.rank->env, "SLURM_TRES_BIND");
        const bool wished = !wish.empty() && wish != "none" && wish != "closest";
        if (!wished || task.rank->local_size != 1 || !binding_of(*task.rank).empty()) continue;
        if (!task.view.visible)
            judge.unknown(task.subject(), task.view.visible_problem);
        else if (task.view.visible->size() > 1)
            judge.fire(
                task.subject(),
                fmt::format("--gpu-bind={} was asked for, Slurm left it out because the node "
                            "has one task, and {} are visible",
                            wish, counted(task.view.visible->size(), "GPU")));
    }
    judge.pass_if_silent("Slurm left out no --gpu-bind that was asked for");
}

void judge_closest(const Facts& facts, Judge& judge) {
    if (nothing_to_see(facts, judge)) return;
    for (const Seeing& task : seeing(facts)) {
        const auto granted = number(task.rank->env, "SLURM_GPUS_ON_NODE");
        if (!begins(binding_of(*task.rank), "closest") || !granted) continue;
        if (!task.view.visible)
            judge.unknown(task.subject(), task.view.visible_problem);
        else if (static_cast<int>(task.view.visible->size()) < *granted)
            fire_with(judge, task.subject(),
                      fmt::format("--gpu-bind=closest shows {} of {} granted GPUs",
                                  task.view.visible->size(), *granted),
                      shown_variable(task.rank->env, "CUDA_VISIBLE_DEVICES"));
    }
    judge.pass_if_silent("--gpu-bind=closest shows no task a part of the node's GPUs");
}

}  // namespace

std::vector<Rule> rules_of_gpu_bindings() {
    return {
        {"gpu-bind-none", visibility_family, Severity::warning, Privilege::user, Level::quick,
         "The program uses GPUs of other people's jobs.",
         "Before version 23.11 --gpu-bind=none removes CUDA_VISIBLE_DEVICES, so that on a node "
         "without a devices cgroup every GPU is visible.",
         "SLURMD_TRES_BIND=gpu:none without CUDA_VISIBLE_DEVICES, and more GPUs that can be opened "
         "than SLURM_GPUS_ON_NODE.",
         "Leave --gpu-bind=none away (srun then sets CUDA_VISIBLE_DEVICES), or update Slurm to "
         "23.11.",
         over_ranks(judge_bind_none)},
        {"gpu-bind-map", visibility_family, Severity::warning, Privilege::user, Level::quick,
         "Two ranks are on one GPU, and only a line on stderr of the node says why.",
         "A number of --gpu-bind=map_gpu that is not granted means the first GPU, and tasks beyond "
         "the GPUs of single or per_task get one that is taken. Without a devices cgroup the "
         "numbers are those of the node, with one they count from 0.",
         "SLURMD_TRES_BIND, and how many ranks of the node see the same GPU and no other.",
         "Give --gpu-bind=map_gpu: granted GPUs, each once, or start no more tasks than GPUs.",
         over_ranks(judge_bind_map)},
        {"gpu-bind-dropped", visibility_family, Severity::warning, Privilege::user, Level::quick,
         "--gpu-bind has no effect.",
         "Slurm leaves the binding out where a node has one task of the step.",
         "SLURM_GPU_BIND or SLURM_TRES_BIND that asks for one, SLURMD_TRES_BIND without it, one "
         "task on the node and several visible GPUs.",
         "Ask for the one GPU: srun -n1 --gres=gpu:1.", over_ranks(judge_bind_dropped)},
        {"gpu-closest-subset", visibility_family, Severity::warning, Privilege::user, Level::quick,
         "A framework counts 2 GPUs where 4 are granted, such as Lightning's devices=auto.",
         "--gpu-bind=closest shows each task only the GPUs near its cores.",
         "SLURMD_TRES_BIND=gpu:closest, and the number of visible GPUs against SLURM_GPUS_ON_NODE.",
         "Leave --gpu-bind=closest away and let warpstep exec -- CMD choose near GPUs; with Slurm "
         "23.11 or newer --gpu-bind=none.",
         over_ranks(judge_closest)},
    };
}

}  // namespace warpstep::check
