// SPDX-License-Identifier: Apache-2.0
// What Slurm granted against what the tasks see, and who sees the same.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "runtime/base/counted.hpp"
#include "runtime/check/rules/names.hpp"
#include "runtime/check/rules/visibility.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check {
namespace {

using Names = std::vector<std::string>;

std::string remedy_for_set(const GpuView& view) {
    const std::string numbers = ordinals(view, *view.granted);
    const std::string until =
        numbers.empty() ? "" : fmt::format("; until then: export CUDA_VISIBLE_DEVICES={}", numbers);
    return "find and remove the line that changes CUDA_VISIBLE_DEVICES (job script, ~/.bashrc, "
           "module, container), since srun sets it" +
           until;
}

/// What the processes of one node see and were granted together.
struct Together {
    Names granted, visible;
    std::size_t processes = 0;
    bool complete = true;  ///< every process of the node is known
    bool disjoint = true;  ///< each sees something, and no two see the same
    void add(const GpuView& view);
    bool shared_out() const { return disjoint && processes >= 2; }
};

void Together::add(const GpuView& view) {
    ++processes;
    if (view.granted) granted.insert(granted.end(), view.granted->begin(), view.granted->end());
    if (!view.visible) {
        complete = false;
        return;
    }
    const Names fresh = without(*view.visible, visible);
    disjoint = disjoint && !fresh.empty() && fresh.size() == view.visible->size();
    visible.insert(visible.end(), fresh.begin(), fresh.end());
}

void compare_set(const SeenSet& task, const Together& node, Judge& judge) {
    const Names outside = without(*task.view.visible, *task.view.granted);
    const std::string set = shown_variable(*task.env, "CUDA_VISIBLE_DEVICES");
    const std::string grant = shown_variable(*task.env, "SLURM_STEP_GPUS");
    if (!outside.empty()) {
        fire_with(judge, task.subject,
                  fmt::format("{}, so that CUDA shows {} that {} does not grant", set,
                              counted(outside.size(), "GPU"), grant),
                  some_of(outside), remedy_for_set(task.view));
        return;
    }
    const Names hidden = without(*task.view.granted, node.visible);
    const bool mig = std::any_of(hidden.begin(), hidden.end(), is_mig);
    if (hidden.empty() || mig || !node.complete || node.shared_out()) return;
    fire_with(
        judge, task.subject,
        fmt::format("{}, which hides {} of the {} that {} grants, and no other task sees them", set,
                    hidden.size(), counted(task.view.granted->size(), "GPU"), grant),
        some_of(hidden), remedy_for_set(task.view));
}

/// Nodes on which ranks of the step did not answer.
std::set<std::string> nodes_with_silent_ranks(const Facts& facts) {
    std::set<std::string> names;
    for (const NodeFacts& node : facts.nodes) {
        if (facts.ranks_on(node.name).size() < node.ranks.size()) names.insert(node.name);
    }
    return names;
}

void judge_visible_set(const Facts& facts, Judge& judge) {
    if (nothing_to_see(facts, judge)) return;
    std::vector<SeenSet> all;
    for (const Seeing& task : seeing(facts))
        all.push_back({task.subject(), &task.rank->env, task.view});
    if (!compare_with_grant(all, nodes_with_silent_ranks(facts), judge))
        return judge.skip("SLURM_STEP_GPUS is not set: Slurm granted no GPU to the step");
    judge.pass_if_silent("the tasks see the GPUs that SLURM_STEP_GPUS grants");
}

/// A GPU and those who see no other.
struct SharedGpu {
    std::string node, gpu;
    std::vector<int> ranks;
};

std::vector<SharedGpu> single_gpus(const std::vector<Seeing>& all) {
    std::vector<SharedGpu> found;
    for (const Seeing& task : all) {
        const auto gpu = task.view.only();
        if (!gpu || is_mig(*gpu)) continue;
        const auto same = std::find_if(found.begin(), found.end(), [&](const SharedGpu& s) {
            return s.node == task.rank->node && s.gpu == *gpu;
        });
        if (same != found.end())
            same->ranks.push_back(task.rank->rank);
        else
            found.push_back({task.rank->node, *gpu, {task.rank->rank}});
    }
    return found;
}

std::string remedy_for_sharing(const Facts& facts, const SharedGpu& shared) {
    const NodeFacts* node = facts.node(shared.node);
    const std::size_t gpus = node == nullptr ? 0 : granted_on(facts, *node).size();
    if (gpus < 2 && shared.ranks.size() > 1)
        return fmt::format(
            "one task per GPU: srun --ntasks-per-node={0} --gpus-per-node={0}; for sharing on "
            "purpose start nvidia-cuda-mps-control -d or say placement: {{share: {0}}}",
            shared.ranks.size());
    return fmt::format(
        "one task per GPU: srun --ntasks-per-node={0} --gpus-per-node={0} warpstep exec -- CMD; "
        "for sharing on purpose start nvidia-cuda-mps-control -d or say placement: {{share: {1}}}",
        gpus, shared.ranks.size());
}

void judge_shared(const Facts& facts, Judge& judge) {
    if (nothing_to_see(facts, judge)) return;
    const std::vector<Seeing> all = seeing(facts);
    const auto allowed = static_cast<std::size_t>(std::max(1, facts.intent.share.value_or(1)));
    for (const SharedGpu& shared : single_gpus(all)) {
        const NodeFacts* node = facts.node(shared.node);
        const bool mps = node != nullptr && node->mps;
        if (shared.ranks.size() <= allowed || mps) continue;
        judge.fire(subject_of_gpu(facts, shared.node, shared.gpu),
                   fmt::format("{} on {} see this GPU and no other", show_ranks(shared.ranks),
                               shared.node),
                   {std::to_string(shared.ranks.size()), std::to_string(allowed), "tasks per GPU"},
                   remedy_for_sharing(facts, shared));
    }
    for (const Seeing& task : all) {
        if (!task.view.visible) judge.unknown(task.subject(), task.view.visible_problem);
    }
    judge.pass_if_silent("no GPU is the only visible one of more ranks than may share it");
}

void judge_hidden_peers(const Facts& facts, Judge& judge) {
    if (nothing_to_see(facts, judge)) return;
    for (const Seeing& task : seeing(facts)) {
        const GpuView& view = task.view;
        if (!view.visible)
            judge.unknown(task.subject(), view.visible_problem);
        else if (view.only() && !is_mig(*view.only()) && view.reachable.size() > 1)
            fire_with(
                judge, task.subject(),
                fmt::format("CUDA shows 1 of the {} GPUs that it may open", view.reachable.size()),
                shown_variable(task.rank->env, "CUDA_VISIBLE_DEVICES"));
    }
    judge.pass_if_silent("no task has its peers hidden by CUDA_VISIBLE_DEVICES alone");
}

}  // namespace

bool compare_with_grant(const std::vector<SeenSet>& all, const std::set<std::string>& incomplete,
                        Judge& judge) {
    std::map<std::string, Together> nodes;
    for (const SeenSet& task : all) nodes[task.subject.node].add(task.view);
    for (auto& [name, node] : nodes) node.complete = node.complete && !incomplete.contains(name);
    bool granted = false;
    for (const SeenSet& task : all) {
        const GpuView& view = task.view;
        if (!view.granted && view.granted_problem.empty()) continue;
        granted = true;
        if (!view.granted)
            judge.unknown(task.subject, view.granted_problem);
        else if (!view.visible)
            judge.unknown(task.subject, view.visible_problem);
        else
            compare_set(task, nodes[task.subject.node], judge);
    }
    return granted;
}

std::vector<Rule> rules_of_seen_gpus() {
    return {
        {"gpu-visible-set", visibility_family, Severity::error, Privilege::user, Level::quick,
         "Wrong or other people's GPUs are used, granted ones stay idle, or CUDA says \"invalid "
         "device ordinal\".",
         "A script, a profile or a container sets CUDA_VISIBLE_DEVICES to numbers of its own after "
         "Slurm has set it.",
         "The UUIDs of the GPUs that CUDA shows to each task against those that SLURM_STEP_GPUS "
         "grants. The numbers may differ: inside a devices cgroup CUDA counts from 0.",
         "Remove the line that changes CUDA_VISIBLE_DEVICES; srun sets it.",
         over_ranks(judge_visible_set)},
        {"gpu-shared-by-ranks", visibility_family, Severity::error, Privilege::user, Level::quick,
         "NCCL says \"Duplicate GPU detected\", memory runs out on one GPU and others stay idle.",
         "Several ranks of a node see one and the same GPU and no other.",
         "The UUID of the only GPU that a rank sees, compared between all ranks of its node.",
         "Start one task per GPU, or say that the GPU is to be shared: nvidia-cuda-mps-control -d "
         "or placement: {share: N}.",
         over_gpus(judge_shared)},
        {"gpu-hidden-peers", visibility_family, Severity::information, Privilege::user,
         Level::quick, "Each task sees one GPU only, as cuda:0.",
         "CUDA_VISIBLE_DEVICES names one GPU though the device files of its peers can be opened.",
         "The GPUs that CUDA shows against the GPUs that NVML lists to the task.",
         "Nothing for NCCL, which reaches hidden peers since CUDA 10.1. For a program that must "
         "see its peers: drop --gpu-bind and --gpus-per-task, and srun --ntasks-per-node=N "
         "--gpus-per-node=N warpstep exec --visible all -- CMD.",
         over_ranks(judge_hidden_peers)},
    };
}

}  // namespace warpstep::check
