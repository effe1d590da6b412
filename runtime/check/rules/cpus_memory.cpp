// SPDX-License-Identifier: Apache-2.0
// Memory beside the CPUs and the GPU.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "runtime/base/units.hpp"
#include "runtime/check/own_gpu.hpp"
#include "runtime/check/rules/cpus_parts.hpp"

namespace warpstep::check {
namespace {

using topology::CpuSet;

/// A rank, and the GPU that it uses.
struct NearNode {
    const NodeFacts* node;
    const RankFacts* rank;
    const GpuFacts* gpu;
};

/// Ranks whose GPU and its NUMA node are known. Says SKIP for the others.
std::vector<NearNode> near_nodes(const Facts& facts, Judge& judge) {
    std::vector<NearNode> known;
    for (const auto& [node, rank] : placed_ranks(facts)) {
        if (node->described) {
            judge.skip("the node is described, its memory is not this one's");
        } else if (node->numa.size() < 2) {
            judge.skip("all memory is one NUMA node");
        } else if (const auto own = own_gpu(*node, *rank); !own) {
            judge.skip("nothing tells which GPU a task uses");
        } else if (node->gpus[*own].numa < 0) {
            judge.skip("numa-unknown says what is wrong");
        } else {
            known.push_back({node, rank, &node->gpus[*own]});
        }
    }
    return known;
}

using JudgeNearNode = void (*)(const NodeFacts&, const RankFacts&, const GpuFacts&, Judge&);
Walk each_near_node(JudgeNearNode judge) {
    return {Kind::rank, false, [judge](const Facts& facts, Judge& writer) {
                for (const auto& [node, rank, gpu] : near_nodes(facts, writer))
                    judge(*node, *rank, *gpu, writer);
            }};
}

void judge_default_policy(const NodeFacts& node, const RankFacts& rank, const GpuFacts& gpu,
                          Judge& judge) {
    const CpuSet cpus = CpuSet::parse(rank.cpus), near = near_cpus_of(node, gpu);
    if (cpus.empty()) return judge.unknown(subject_of(rank), "the affinity could not be read");
    if (!near.empty() && near.contains(cpus))
        return judge.pass(subject_of(rank), "memory follows its CPUs, which are near " + gpu.uuid);
    judge.skip("memory follows the CPUs: see cpu-unbound and cpu-far-from-gpu");
}

void judge_policy(const NodeFacts& node, const RankFacts& rank, const GpuFacts& gpu, Judge& judge) {
    const std::string mode = rank.memory_policy.substr(0, rank.memory_policy.find(' '));
    if (mode.empty() || mode == "unknown")
        return judge.unknown(subject_of(rank), "the memory policy could not be read");
    if (mode == "default" || mode == "local") return judge_default_policy(node, rank, gpu, judge);
    const CpuSet nodes = CpuSet::parse(
        rank.memory_policy.substr(std::min(mode.size() + 1, rank.memory_policy.size())));
    const bool spread = mode.find("interleave") != mode.npos && nodes.size() > 1;
    const std::string told = fmt::format("memory policy '{}', {} is on NUMA node {}",
                                         rank.memory_policy, gpu.uuid, gpu.numa);
    const Figure figure{rank.memory_policy, fmt::format("preferred {}", gpu.numa), ""};
    if (nodes.contains(gpu.numa) && !spread)
        judge.pass(subject_of(rank), told, figure);
    else
        judge.fire(subject_of(rank), told, figure);
}

void judge_mems(const NodeFacts&, const RankFacts& rank, const GpuFacts& gpu, Judge& judge) {
    const CpuSet mems = CpuSet::parse(rank.mems);
    if (mems.empty()) return judge.unknown(subject_of(rank), "Mems_allowed_list could not be read");
    const std::string told =
        fmt::format("may allocate on NUMA nodes {}, {} is on {}", rank.mems, gpu.uuid, gpu.numa);
    const Figure figure{rank.mems, std::to_string(gpu.numa), "NUMA node"};
    if (mems.contains(gpu.numa))
        judge.pass(subject_of(rank), told, figure);
    else
        judge.fire(subject_of(rank), told, figure);
}

void judge_free(const Facts& facts, Judge& judge) {
    if (!facts.intent.pinned_bytes)
        return judge.skip("nothing tells how much pinned memory is needed");
    const std::uint64_t each = *facts.intent.pinned_bytes;
    std::map<std::pair<const NodeFacts*, int>, std::size_t> tasks;
    for (const auto& [node, rank, gpu] : near_nodes(facts, judge)) ++tasks[{node, gpu->numa}];
    for (const NodeFacts& node : facts.nodes) {
        for (const NumaFacts& numa : node.numa) {
            const auto found = tasks.find({&node, numa.os_index});
            if (found == tasks.end()) continue;
            const std::uint64_t need = each * found->second;
            const std::string who = fmt::format("NUMA node {}: {} tasks pin {}", numa.os_index,
                                                found->second, show_bytes(need));
            if (!numa.free_bytes) {
                judge.unknown(subject_of(node), who + ", what is free is not known");
                continue;
            }
            const Figure figure{show_bytes(*numa.free_bytes), show_bytes(need), ""};
            const std::string told =
                fmt::format("{}, {} are free", who, show_bytes(*numa.free_bytes));
            if (*numa.free_bytes < need)
                judge.fire(subject_of(node), "its tasks pin more than is free near their GPUs",
                           told, figure);
            else
                judge.pass(subject_of(node), told, figure);
        }
    }
}

void judge_unknown(const Facts& facts, Judge& judge) {
    for (const NodeFacts& node : facts.nodes) {
        for (const GpuFacts& gpu : node.gpus) {
            if (!gpu.granted) continue;
            const Subject subject = subject_of(node, gpu);
            if (node.numa.size() < 2)
                judge.pass(subject, "all memory is one NUMA node");
            else if (gpu.numa >= 0)
                judge.pass(subject, fmt::format("on NUMA node {}", gpu.numa));
            else
                judge.fire(
                    subject,
                    fmt::format("numa_node is -1 on a node with {} NUMA nodes", node.numa.size()),
                    {"-1", "", "NUMA node"});
        }
    }
    judge.skip("no GPU was granted");
}

void judge_balancing(const Facts&, const NodeFacts& node, Judge& judge) {
    if (node.numa.size() < 2)
        judge.skip("all memory is one NUMA node");
    else if (!node.numa_balancing)
        judge.unknown(subject_of(node), "kernel.numa_balancing could not be read");
    else if (*node.numa_balancing)
        judge.fire(subject_of(node), "kernel.numa_balancing is on", {"1", "0", ""});
    else
        judge.pass(subject_of(node), "kernel.numa_balancing is off", {"0", "0", ""});
}

}  // namespace

std::vector<Rule> families::cpus_memory() {
    return {
        {"numa-policy-remote", cpu_family, Severity::warning, Privilege::user, Level::quick,
         "Copies between host and GPU are slow though the task runs near its GPU.",
         "The task's memory policy puts its pages on another NUMA node than the GPU's.",
         "The memory policy of the task against the NUMA node of the GPU that it uses; the default "
         "policy follows the CPUs.",
         "srun --mem-bind=local --cpu-bind=cores …, without numactl --interleave; warpstep run and "
         "exec prefer the memory near the GPU",
         each_near_node(judge_policy)},
        {"numa-mems-excluded", cpu_family, Severity::warning, Privilege::user, Level::quick,
         "Copies between host and GPU are slow, and no memory policy helps.",
         "The control group of the step (cpuset.mems) leaves out the NUMA node that the GPU is on, "
         "so that all pages are remote.",
         "Mems_allowed_list of the task against the NUMA node of the GPU that it uses.",
         "sbatch --gres-flags=enforce-binding …, or take the whole node: sbatch --exclusive …",
         each_near_node(judge_mems)},
        {"numa-free-low", cpu_family, Severity::warning, Privilege::user, Level::quick,
         "Pinned buffers end up far from the GPU, or cannot be allocated.",
         "The NUMA node near the GPUs has less free memory than the tasks there want to pin: the "
         "page cache or other jobs hold it.",
         "The free memory of each NUMA node against the announced pinned bytes of the tasks whose "
         "GPU is on it.",
         "as root: sync; echo 1 > /proc/sys/vm/drop_caches; or ask for the memory (sbatch --mem=0 "
         "…) or for another node (sbatch --exclude=NODE …)",
         over_nodes(judge_free)},
        {"numa-unknown", cpu_family, Severity::warning, Privilege::user, Level::quick,
         "Tasks are bound to any cores, near the GPU or not.",
         "Firmware or hypervisor do not tell which NUMA node a GPU is attached to.",
         "numa_node of each granted GPU in sysfs, on nodes with several NUMA nodes.",
         "update the firmware, or describe the machine: export WARPSTEP_TOPOLOGY=FILE.xml (written "
         "by lstopo on a machine that tells)",
         over_gpus(judge_unknown)},
        {"numa-balancing", cpu_family, Severity::information, Privilege::user, Level::quick,
         "Times of single steps jump now and then.",
         "Automatic NUMA balancing unmaps pages to see who touches them and moves them between the "
         "nodes, which costs faults in programs that are bound already.",
         "kernel.numa_balancing of nodes with several NUMA nodes against 0.",
         "as root: sysctl -w kernel.numa_balancing=0", each_real_node(judge_balancing)},
    };
}

}  // namespace warpstep::check
