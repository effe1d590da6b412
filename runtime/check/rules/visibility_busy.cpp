// SPDX-License-Identifier: Apache-2.0
// Who is on our GPUs before we start: others, and we ourselves.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/counted.hpp"
#include "runtime/check/rules/names.hpp"
#include "runtime/check/rules/visibility.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check {
namespace {

constexpr std::uint64_t MiB = std::uint64_t{1} << 20;
constexpr std::uint64_t idle_memory = 500 * MiB;  // what a driver keeps for itself stays below
constexpr unsigned idle_percent = 5;

bool is_rank_of(const Facts& facts, const NodeFacts& node, const GpuProcess& process) {
    return std::any_of(facts.ranks.begin(), facts.ranks.end(), [&](const RankFacts& rank) {
        return rank.node == node.name && rank.pid == process.pid;
    });
}

std::string shown(const GpuProcess& process) {
    return fmt::format("pid {}{}{} with {} MiB", process.pid,
                       process.command.empty() ? "" : " (" + process.command + ")",
                       process.user.empty() ? "" : " of " + process.user,
                       process.memory_bytes / MiB);
}

/// What is on it that was there before us; "" when nothing is. Other steps of this job are for
/// grant-overlapping-steps to tell.
std::string trouble_of(const Facts& facts, const NodeFacts& node, const GpuFacts& gpu) {
    std::vector<std::string> others;
    for (const GpuProcess& process : gpu.processes) {
        if (!process.of_this_job && !process.of_this_step && !is_rank_of(facts, node, process))
            others.push_back(shown(process));
    }
    if (!others.empty()) return some_of(others);
    if (!gpu.processes.empty()) return "";
    if (gpu.memory_used_bytes > idle_memory)
        return fmt::format("{} MiB of memory used by a process that is not visible from here",
                           gpu.memory_used_bytes / MiB);
    if (gpu.utilization_percent.value_or(0) > idle_percent)
        return fmt::format("{} % busy by a process that is not visible from here",
                           *gpu.utilization_percent);
    return "";
}

std::string remedy_for_busy(const NodeFacts& node) {
    return fmt::format(
        "resubmit with --exclude={}; administrator: end the process, and let the "
        "epilog end what jobs leave behind",
        node.name);
}

bool has_shards(const Facts& facts, const NodeFacts& node) {
    const auto ranks = facts.ranks_on(node.name);
    return std::any_of(ranks.begin(), ranks.end(), [](const RankFacts* rank) {
        return rank->env.contains("SLURM_SHARDS_ON_NODE");
    });
}

/// Calls `look` for each GPU of which NVML lists processes.
template <typename Look>
std::size_t each_watched_gpu(const Facts& facts, Look look) {
    std::size_t count = 0;
    for (const NodeFacts& node : facts.nodes) {
        if (node.described) continue;
        for (const GpuFacts* gpu : granted_gpus(facts, node)) {
            if (!gpu->in_nvml || !gpu->problem.empty()) continue;
            look(node, *gpu);
            ++count;
        }
    }
    return count;
}

void unknown_nodes(const Facts& facts, Judge& judge) {
    for (const NodeFacts& node : facts.nodes) {
        if (!node.gpu_problem.empty()) judge.unknown(subject_of(node), node.gpu_problem);
    }
}

void judge_busy(const Facts& facts, Judge& judge) {
    if (no_hardware(facts, judge)) return;
    if (!facts.programs.empty() || !facts.intent.watched_step.empty())
        return judge.skip("programs run already; program-foreign looks for others beside them");
    bool fired = false;
    const auto gpus = each_watched_gpu(facts, [&](const NodeFacts& node, const GpuFacts& gpu) {
        if (has_shards(facts, node)) return;
        const std::string trouble = trouble_of(facts, node, gpu);
        if (trouble.empty()) return;
        judge.fire(subject_of(node, gpu), "before we start: " + trouble,
                   {std::to_string(gpu.memory_used_bytes / MiB), "0", "MiB"},
                   remedy_for_busy(node));
        fired = true;
    });
    unknown_nodes(facts, judge);
    if (!fired && gpus > 0)
        judge.pass({}, fmt::format("nobody is on the {} before us", counted(gpus, "granted GPU")));
}

void judge_own_context(const Facts& facts, Judge& judge) {
    if (no_hardware(facts, judge)) return;
    const auto gpus = each_watched_gpu(facts, [&](const NodeFacts& node, const GpuFacts& gpu) {
        for (const GpuProcess& process : gpu.processes) {
            for (const RankFacts* rank : facts.ranks_on(node.name)) {
                if (rank->pid == process.pid)
                    fire_with(judge, {rank->node, rank->rank, "", "", ""},
                              "the check itself holds a CUDA context",
                              fmt::format("pid {} on {}", process.pid, name_of(gpu)));
            }
        }
    });
    unknown_nodes(facts, judge);
    if (gpus > 0) judge.pass_if_silent("the check itself is on no GPU");
}

}  // namespace

std::vector<Rule> rules_of_busy_gpus() {
    return {
        {"gpu-busy", visibility_family, Severity::warning, Privilege::user, Level::quick,
         "Memory runs out at the start, or the GPU is slower than its peers.",
         "A process of an earlier job was left behind.",
         "NVML's list of processes, memory in use (500 MiB) and utilisation (5 %) of every granted "
         "GPU before anything of ours has started.",
         "Resubmit with --exclude=NODE and tell the administrator the pid.", over_gpus(judge_busy)},
        {"probe-context", visibility_family, Severity::error, Privilege::user, Level::quick,
         "Some 500 MiB are missing on every GPU while the check runs.",
         "The process that collects facts has created a CUDA context, which it must not.",
         "The pids of the ranks in NVML's list of processes.",
         "This is an error of warpstep: report it with the output of warpstep --version.",
         over_ranks(judge_own_context)},
    };
}

}  // namespace warpstep::check
