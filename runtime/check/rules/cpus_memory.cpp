// SPDX-License-Identifier: Apache-2.0
// Memory beside the CPUs and the GPU.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runtime/base/units.hpp"
#include "runtime/check/own_gpu.hpp"
#include "runtime/check/rules/cpus_parts.hpp"

namespace warpstep::check {
namespace {

using topology::CpuSet;

constexpr char memory_is_elsewhere[] = "the node is described, its memory is not this one's";

/// Calls visit(node, rank, gpu) for ranks whose GPU and its NUMA node are known.
template <typename Visit>
void for_each_near_node(const Facts& facts, Census& census, Visit visit) {
    for_each_rank(facts, [&](const NodeFacts& node, const RankFacts& rank) {
        if (node.described) return census.skip(memory_is_elsewhere);
        if (node.numa.size() < 2) return census.skip("all memory is one NUMA node");
        const auto own = own_gpu(node, rank);
        if (!own) return census.skip("nothing tells which GPU a task uses");
        if (node.gpus[*own].numa < 0) return census.skip("numa-unknown says what is wrong");
        visit(node, rank, node.gpus[*own]);
    });
}

void judge_default_policy(const NodeFacts& node, const RankFacts& rank, const GpuFacts& gpu,
                          Census& census) {
    const CpuSet cpus = CpuSet::parse(rank.cpus), near = near_cpus_of(node, gpu);
    if (cpus.empty()) return census.unknown(subject_of(rank), "the affinity could not be read");
    if (!near.empty() && near.contains(cpus))
        return census.pass(subject_of(rank), "memory follows its CPUs, which are near " + gpu.uuid);
    census.skip("memory follows the CPUs: see cpu-unbound and cpu-far-from-gpu");
}

void judge_policy(const Facts& facts, Judge& judge) {
    Census census(facts, judge);
    for_each_near_node(
        facts, census, [&](const NodeFacts& node, const RankFacts& rank, const GpuFacts& gpu) {
            const std::string mode = rank.memory_policy.substr(0, rank.memory_policy.find(' '));
            if (mode.empty() || mode == "unknown")
                return census.unknown(subject_of(rank), "the memory policy could not be read");
            if (mode == "default" || mode == "local")
                return judge_default_policy(node, rank, gpu, census);
            const CpuSet nodes = CpuSet::parse(
                rank.memory_policy.substr(std::min(mode.size() + 1, rank.memory_policy.size())));
            const bool spread = mode.find("interleave") != mode.npos && nodes.size() > 1;
            const std::string told = fmt::format("memory policy '{}', {} is on NUMA node {}",
                                                 rank.memory_policy, gpu.uuid, gpu.numa);
            const Figure figure{rank.memory_policy, fmt::format("preferred {}", gpu.numa), ""};
            if (nodes.contains(gpu.numa) && !spread)
                census.pass(subject_of(rank), told, figure);
            else
                census.fire(subject_of(rank), told, figure);
        });
    census.write();
}

void judge_mems(const Facts& facts, Judge& judge) {
    Census census(facts, judge);
    for_each_near_node(
        facts, census, [&](const NodeFacts&, const RankFacts& rank, const GpuFacts& gpu) {
            const CpuSet mems = CpuSet::parse(rank.mems);
            if (mems.empty())
                return census.unknown(subject_of(rank), "Mems_allowed_list could not be read");
            const std::string told = fmt::format("may allocate on NUMA nodes {}, {} is on {}",
                                                 rank.mems, gpu.uuid, gpu.numa);
            const Figure figure{rank.mems, std::to_string(gpu.numa), "NUMA node"};
            if (mems.contains(gpu.numa))
                census.pass(subject_of(rank), told, figure);
            else
                census.fire(subject_of(rank), told, figure);
        });
    census.write();
}

void judge_free(const Facts& facts, Judge& judge) {
    Census census(facts, judge);
    if (!facts.intent.pinned_bytes)
        return judge.skip("nothing tells how much pinned memory is needed");
    const std::uint64_t each = *facts.intent.pinned_bytes;
    std::map<std::pair<const NodeFacts*, int>, std::vector<const RankFacts*>> tasks;
    for_each_near_node(facts, census,
                       [&](const NodeFacts& node, const RankFacts& rank, const GpuFacts& gpu) {
                           tasks[{&node, gpu.numa}].push_back(&rank);
                       });
    for (const NodeFacts& node : facts.nodes) {
        for (const NumaFacts& numa : node.numa) {
            const auto found = tasks.find({&node, numa.os_index});
            if (found == tasks.end()) continue;
            const std::uint64_t need = each * found->second.size();
            const std::string who = fmt::format("NUMA node {}: {} tasks pin {}", numa.os_index,
                                                found->second.size(), show_bytes(need));
            if (!numa.free_bytes) {
                census.unknown(subject_of(node), who + ", what is free is not known");
                continue;
            }
            const Figure figure{show_bytes(*numa.free_bytes), show_bytes(need), ""};
            const std::string told =
                fmt::format("{}, {} are free", who, show_bytes(*numa.free_bytes));
            if (*numa.free_bytes < need)
                census.fire(subject_of(node), told, figure);
            else
                census.pass(subject_of(node), told, figure);
        }
    }
    census.write();
}

void judge_unknown(const Facts& facts, Judge& judge) {
    Census census(facts, judge);
    for (const NodeFacts& node : facts.nodes) {
        for (const GpuFacts& gpu : node.gpus) {
            if (!gpu.granted) continue;
            const Subject subject = subject_of(node, gpu);
            if (node.numa.size() < 2)
                census.pass(subject, "all memory is one NUMA node");
            else if (gpu.numa >= 0)
                census.pass(subject, fmt::format("on NUMA node {}", gpu.numa));
            else
                census.fire(
                    subject,
                    fmt::format("numa_node is -1 on a node with {} NUMA nodes", node.numa.size()),
                    {"-1", "", "NUMA node"});
        }
    }
    census.skip("no GPU was granted");
    census.write();
}

void judge_balancing(const Facts& facts, Judge& judge) {
    Census census(facts, judge);
    for (const NodeFacts& node : facts.nodes) {
        if (node.described)
            census.skip(memory_is_elsewhere);
        else if (node.numa.size() < 2)
            census.skip("all memory is one NUMA node");
        else if (!node.numa_balancing)
            census.unknown(subject_of(node), "kernel.numa_balancing could not be read");
        else if (*node.numa_balancing)
            census.fire(subject_of(node), "kernel.numa_balancing is on", {"1", "0", ""});
        else
            census.pass(subject_of(node), "kernel.numa_balancing is off", {"0", "0", ""});
    }
    census.write();
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
         judge_policy},
        {"numa-mems-excluded", cpu_family, Severity::warning, Privilege::user, Level::quick,
         "Copies between host and GPU are slow, and no memory policy helps.",
         "The control group of the step (cpuset.mems) leaves out the NUMA node that the GPU is on, "
         "so that all pages are remote.",
         "Mems_allowed_list of the task against the NUMA node of the GPU that it uses.",
         "sbatch --gres-flags=enforce-binding …, or take the whole node: sbatch --exclusive …",
         judge_mems},
        {"numa-free-low", cpu_family, Severity::warning, Privilege::user, Level::quick,
         "Pinned buffers end up far from the GPU, or cannot be allocated.",
         "The NUMA node near the GPUs has less free memory than the tasks there want to pin: the "
         "page cache or other jobs hold it.",
         "The free memory of each NUMA node against the announced pinned bytes of the tasks whose "
         "GPU is on it.",
         "as root: sync; echo 1 > /proc/sys/vm/drop_caches; or ask for the memory (sbatch --mem=0 "
         "…) or for another node (sbatch --exclude=NODE …)",
         judge_free},
        {"numa-unknown", cpu_family, Severity::warning, Privilege::user, Level::quick,
         "Tasks are bound to any cores, near the GPU or not.",
         "Firmware or hypervisor do not tell which NUMA node a GPU is attached to.",
         "numa_node of each granted GPU in sysfs, on nodes with several NUMA nodes.",
         "update the firmware, or describe the machine: export WARPSTEP_TOPOLOGY=FILE.xml (written "
         "by lstopo on a machine that tells)",
         judge_unknown},
        {"numa-balancing", cpu_family, Severity::information, Privilege::user, Level::quick,
         "Times of single steps jump now and then.",
         "Automatic NUMA balancing unmaps pages to see who touches them and moves them between the "
         "nodes, which costs faults in programs that are bound already.",
         "kernel.numa_balancing of nodes with several NUMA nodes against 0.",
         "as root: sysctl -w kernel.numa_balancing=0", judge_balancing},
    };
}

}  // namespace warpstep::check
