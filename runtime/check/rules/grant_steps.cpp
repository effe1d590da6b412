// SPDX-License-Identifier: Apache-2.0
// This step's GPUs against other steps, and its tasks against each other.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/check/rules/grant.hpp"
#include "runtime/check/rules/walks.hpp"
#include "runtime/check/slurm_version.hpp"

namespace warpstep::check::families {
namespace {

const GpuProcess* process_of_other_step(const GpuFacts& gpu) {
    const auto found = std::find_if(
        gpu.processes.begin(), gpu.processes.end(),
        [](const GpuProcess& process) { return process.of_this_job && !process.of_this_step; });
    return found == gpu.processes.end() ? nullptr : &*found;
}

/// " --mem=230000M": the share of the job's memory on the node that goes with these GPUs. Without
/// it a step takes all memory of the job, and the next one waits. "" when nothing tells.
std::string memory_of(const Facts& facts, const NodeFacts& node, std::size_t gpus) {
    const auto granted = std::count_if(node.gpus.begin(), node.gpus.end(),
                                       [](const GpuFacts& g) { return g.granted; });
    const auto ranks = facts.ranks_on(node.name);
    const auto all =
        ranks.empty() ? std::nullopt : number(ranks.front()->env, "SLURM_MEM_PER_NODE");
    if (!all || *all == 0 || granted == 0) return "";
    return fmt::format(" --mem={}M", *all * static_cast<long>(gpus) / granted);
}

/// A second step most often sits on all GPUs of the first.
void judge_overlap_on(const Facts& facts, const NodeFacts& node, Judge& judge) {
    std::vector<const GpuFacts*> shared;
    for (const GpuFacts& gpu : node.gpus) {
        if (gpu.granted && process_of_other_step(gpu) != nullptr) shared.push_back(&gpu);
    }
    for (const GpuFacts* gpu : shared) {
        const GpuProcess& process = *process_of_other_step(*gpu);
        judge.fire(
            subject_of(node, *gpu), "another step of this job is on it",
            fmt::format("another step of this job is on it: pid {}{}{}", process.pid,
                        process.command.empty() ? "" : ", ", process.command),
            {},
            fmt::format("srun --exact --gres=gpu:{}{} PROGRAM for each of the steps, without "
                        "--overlap",
                        shared.size(), memory_of(facts, node, shared.size())));
    }
}

void judge_overlapping(const Facts& facts, Judge& judge) {
    if (!facts.in_slurm()) return judge.skip("not in a Slurm job");
    if (!facts.intent.watched_step.empty()) {
        return judge.skip("this step overlaps on purpose with the one that it watches");
    }
    std::size_t judged = 0;
    for (const NodeFacts& node : facts.nodes) {
        if (node.described || node.gpus.empty() || !node.has_nvidia) continue;
        ++judged;
        judge_overlap_on(facts, node, judge);
    }
    if (judged == 0) return judge.skip("no node with NVIDIA GPUs");
    judge.pass_if_silent("no other step of this job is on the GPUs");
}

/// Tasks of a node that can open fewer GPUs than the node's tasks together.
bool is_isolated(const NodeGrant& grant, std::size_t& most) {
    std::set<std::string> all;
    most = 0;
    for (const Task* task : grant.tasks) {
        most = std::max(most, task->facts->nvml_gpus->size());
        for (const SeenGpu& gpu : *task->facts->nvml_gpus) all.insert(gpu.uuid);
    }
    return most < all.size();
}

std::string fix_of_isolation(const NodeGrant& grant) {
    const int gpus = grant.gpus.value_or(grant.count);
    const std::string fix = fmt::format(
        "--gpus-per-node={} --ntasks-per-node={} without --gpus-per-task, --ntasks-per-gpu and "
        "--gpu-bind; warpstep binds each task to its GPU",
        gpus, grant.count);
    const auto version =
        parse_slurm_version(grant.facts() == nullptr ? "" : grant.facts()->slurm_version);
    if (!version || *version < since::allow_task_sharing) return fix;
    return fix + "; or keep them and add --gres-flags=allow-task-sharing";
}

void judge_isolated(const Facts& facts, Judge& judge) {
    const auto tasks = tasks_of(facts);
    if (skips_outside_step(tasks, judge)) return;
    std::size_t judged = 0;
    const auto grants = grants_of(tasks);
    for (const NodeGrant& grant : grants) {
        const NodeFacts* node = grant.facts();
        if (node == nullptr || !node->has_nvidia || node->described || grant.count < 2) continue;
        const auto silent = std::find_if(grant.tasks.begin(), grant.tasks.end(), [](const Task* t) {
            return t->facts == nullptr || !t->facts->nvml_gpus;
        });
        if (silent != grant.tasks.end()) {
            judge.unknown({grant.node, -1, "", "", ""},
                          "NVML does not say which GPUs each task sees");
            continue;
        }
        ++judged;
        std::size_t most = 0;
        if (!is_isolated(grant, most)) continue;
        const std::string bind = grant.tasks.front()->variable("SLURMD_TRES_BIND").value_or("");
        judge.fire(grant.subject(),
                   fmt::format("each task can open at most {} of the GPUs of its node{}", most,
                               bind.empty() ? "" : " (bound by " + bind + ")"),
                   {std::to_string(most), std::to_string(grant.gpus.value_or(grant.count)), "GPUs"},
                   fix_of_isolation(grant));
    }
    if (!judge.is_silent()) return;
    if (judged == 0) return judge.skip("no node with several tasks and NVIDIA GPUs");
    judge.pass({}, "the tasks of a node see each other's GPUs");
}

}  // namespace

std::vector<Rule> grant_steps() {
    return {
        {"grant-overlapping-steps", grant_heading, Severity::warning, Privilege::user, Level::quick,
         "Two steps of one job slow each other down, or one runs out of memory.",
         "Steps that were started with --overlap share the GPUs of the job instead of dividing "
         "them.",
         "Processes on the granted GPUs that belong to this job, but not to this step.",
         "Start each step with srun --exact --gres=gpu:1 --mem=MEMORY PROGRAM, without --overlap.",
         over_gpus(judge_overlapping)},
        {"slurm-gpu-isolated", grant_heading, Severity::warning, Privilege::user, Level::quick,
         "NVLink stays unused, NCCL goes through shared memory, or cudaIpcOpenMemHandle fails.",
         "--gpus-per-task, --ntasks-per-gpu and --gpu-bind let each task open its own GPU only, so "
         "that neighbours cannot map each other's memory.",
         "The GPUs that NVML lists for each task against those of all tasks of the node.",
         "--gpus-per-node=8 --ntasks-per-node=8, and let the runtime choose the GPU.",
         over_nodes(judge_isolated)},
    };
}

}  // namespace warpstep::check::families
