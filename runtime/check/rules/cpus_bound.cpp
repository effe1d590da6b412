// SPDX-License-Identifier: Apache-2.0
// Which CPUs a task may run on: its own, and near its GPU.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "runtime/base/text.hpp"
#include "runtime/check/own_gpu.hpp"
#include "runtime/check/rules/cpus_parts.hpp"
#include "runtime/check/rules/names.hpp"
#include "runtime/check/suggested_cpus.hpp"

namespace warpstep::check {
namespace {

using topology::CpuSet;

void judge_unbound(const Facts&, const NodeFacts& node, const RankFacts& rank, const CpuSet& cpus,
                   Judge& judge) {
    if (rank.local_size < 2) return judge.skip("one task on the node may run anywhere");
    if (!is_unbound(node, rank, cpus))
        return judge.pass(subject_of(rank), "bound to CPUs " + rank.cpus);
    const int share = std::max(1, cores_in(node, cpus) / rank.local_size) *
                      std::max(1, cpus.size() / std::max(1, cores_in(node, cpus)));
    judge.fire(subject_of(rank),
               fmt::format("may run on all {} CPUs that the step has on the node, as may its "
                           "{} neighbours",
                           cpus.size(), rank.local_size - 1),
               {},
               fmt::format("srun -c {} --cpu-bind=cores …; warpstep run and exec bind each task "
                           "near its GPU by themselves",
                           share));
}

/// A task that may not run everywhere.
struct Bound {
    const RankFacts* rank;
    CpuSet cpus;
    CpuSet cores;  ///< those with several threads of which it has one
};

std::vector<Bound> bound_tasks(const NodeFacts& node, const std::vector<const RankFacts*>& ranks) {
    std::vector<CpuSet> cores;
    for (const std::string& text : node.cores) {
        CpuSet core = CpuSet::parse(text);
        if (core.size() > 1) cores.push_back(std::move(core));
    }
    std::vector<Bound> tasks;
    for (const RankFacts* rank : ranks) {
        Bound task{rank, CpuSet::parse(rank->cpus), {}};
        if (is_unbound(node, *rank, task.cpus)) continue;
        for (const CpuSet& core : cores) {
            if (core.intersects(task.cpus)) task.cores = task.cores | core;
        }
        tasks.push_back(std::move(task));
    }
    return tasks;
}

/// What others of its node have too, and who they are.
struct Overlap {
    CpuSet cpus;
    std::vector<int> ranks;
};

Overlap overlap_of(const Bound& task, const std::vector<Bound>& tasks, CpuSet Bound::*part) {
    Overlap found;
    for (const Bound& other : tasks) {
        if (other.rank == task.rank || !(task.*part).intersects(other.*part)) continue;
        found.cpus = found.cpus | (task.*part & other.*part);
        found.ranks.push_back(other.rank->rank);
    }
    return found;
}

void judge_bound(const Bound& task, const std::vector<Bound>& tasks, int cpus_each, Judge& judge) {
    const Subject subject = subject_of(*task.rank);
    const Overlap same = overlap_of(task, tasks, &Bound::cpus);
    if (!same.ranks.empty())
        return judge.fire(
            subject, "shares CPUs with others on its node",
            fmt::format("shares CPUs {} with {}", show(same.cpus), show_ranks(same.ranks)), {},
            fmt::format("srun --exact -c {} --cpu-bind=cores …", cpus_each));
    const Overlap beside = overlap_of(task, tasks, &Bound::cores);
    if (beside.ranks.empty()) return judge.pass(subject, "shares no core with another bound task");
    judge.warn(subject, "shares cores with others on its node",
               fmt::format("runs on different threads of the same cores as {} ({})",
                           show_ranks(beside.ranks), show(beside.cpus)),
               {}, "srun --hint=nomultithread …");
}

void judge_overlap(const Facts& facts, Judge& judge) {
    std::map<const NodeFacts*, std::vector<const RankFacts*>> ranks_of;
    for (const auto& [node, rank] : placed_ranks(facts)) ranks_of[node].push_back(rank);
    for (const auto& [node, ranks] : ranks_of) {
        const bool unread = std::any_of(ranks.begin(), ranks.end(),
                                        [](const RankFacts* rank) { return rank->cpus.empty(); });
        if (node->described) {
            judge.skip(cpus_are_elsewhere);
        } else if (unread) {
            judge.unknown(subject_of(*node), "the affinity of a task could not be read");
        } else if (const auto tasks = bound_tasks(*node, ranks); tasks.size() < 2) {
            judge.skip("no two bound tasks on a node");
        } else {
            const int each = allowed_on(*node).size() / static_cast<int>(tasks.size());
            for (const Bound& task : tasks) judge_bound(task, tasks, std::max(1, each), judge);
        }
    }
}

/// CPUs of the package that the GPU is on: its NUMA nodes are numbered next to each other. Empty:
/// one package, or not told.
CpuSet package_of(const NodeFacts& node, const CpuSet& near) {
    std::vector<CpuSet> numa;
    for (const NumaFacts& one : node.numa) {
        if (!one.cpus.empty()) numa.push_back(CpuSet::parse(one.cpus));
    }
    const auto packages = static_cast<std::size_t>(std::max(node.packages, 0));
    if (packages < 2 || numa.size() < packages || numa.size() % packages != 0) return {};
    const std::size_t each = numa.size() / packages;
    for (std::size_t first = 0; first < numa.size(); first += each) {
        CpuSet package;
        for (std::size_t i = first; i < first + each; ++i) package = package | numa[i];
        if (package.contains(near)) return package;
    }
    return {};
}

/// "srun --cpu-bind=mask_cpu:0x…,0x… …": what places the tasks of this node as we would.
std::string srun_line(const Facts& facts, const NodeFacts& node,
                      const std::vector<CpuSet>& suggested) {
    const std::string ours = "warpstep exec -- CMD binds each task near its GPU";
    const bool whole_node = allowed_on(node) == CpuSet::parse(node.cpus);
    if (suggested.empty() || !whole_node)
        return ours + "; sbatch --gres-flags=enforce-binding … gets CPUs of the GPUs' side";
    std::vector<std::string> masks;
    masks.reserve(suggested.size());
    for (const CpuSet& cpus : suggested) masks.push_back(cpu_mask(cpus));
    return fmt::format("{}; or srun --ntasks-per-node={} --cpu-bind=mask_cpu:{} …", ours,
                       facts.ranks_on(node.name).size(), join(masks, ","));
}

/// The placement of the first node that needs one; the others are mostly like it, and one line must
/// do for all.
struct Suggestion {
    std::string node, line;
    std::vector<CpuSet> cpus;
};

Suggestion suggest(const Facts& facts, const NodeFacts& node) {
    Suggestion found{node.name, "", suggested_cpus(node, facts.ranks_on(node.name))};
    found.line = srun_line(facts, node, found.cpus);
    return found;
}

void judge_far_task(const Facts& facts, const Affinity& task, std::optional<Suggestion>& suggestion,
                    Judge& judge) {
    const NodeFacts& node = *task.node;
    const RankFacts& rank = *task.rank;
    const auto own = own_gpu(node, rank);
    if (!own) return judge.skip("nothing tells which GPU a task uses");
    if (is_unbound(node, rank, task.cpus)) return judge.skip("cpu-unbound says what is wrong");
    const GpuFacts& gpu = node.gpus[*own];
    const CpuSet near = near_cpus_of(node, gpu);
    if (near.empty())
        return judge.unknown(subject_of(rank), "nothing tells which CPUs are near " + gpu.uuid);
    if (!near.intersects(allowed_on(node)))
        return judge.skip("no CPU near the GPU is allowed: cpu-outside-cpuset, slurm-gres-far");
    const CpuSet package = package_of(node, near);
    const CpuSet away = package.empty() ? CpuSet() : task.cpus - package;
    if (task.cpus.intersects(near) && away.empty())
        return judge.pass(subject_of(rank), fmt::format("CPUs {}, near {}", rank.cpus, gpu.uuid));
    if (!suggestion) suggestion = suggest(facts, node);
    const auto local = static_cast<std::size_t>(std::max(rank.local_rank, 0));
    const bool known = suggestion->node == node.name && local < suggestion->cpus.size();
    judge.fire(
        subject_of(rank), "may run on CPUs far from its GPU",
        fmt::format("may run on CPUs {}{}, near {} are {}{}", rank.cpus,
                    task.cpus.intersects(near) ? ", part of them on another socket" : "", gpu.uuid,
                    show(near), known ? "; we would use " + show(suggestion->cpus[local]) : ""),
        {rank.cpus, show(near), ""}, suggestion->line);
}

void judge_far_cpus(const Facts& facts, Judge& judge) {
    std::optional<Suggestion> suggestion;
    for (const Affinity& task : affinities(facts, judge))
        judge_far_task(facts, task, suggestion, judge);
}

void judge_outside(const Facts& facts, Judge& judge) {
    if (facts.in_slurm())
        return judge.skip("in a Slurm job: slurm-gres-far judges what it granted");
    for (const NodeFacts& node : facts.nodes) {
        const CpuSet allowed = CpuSet::parse(node.allowed_cpus);
        for (const GpuFacts& gpu : node.gpus) {
            const CpuSet near = near_cpus_of(node, gpu);
            if (!gpu.granted || near.empty()) continue;
            const Subject subject = subject_of(node, gpu);
            if (allowed.empty()) {
                judge.unknown(subject, "nothing tells which CPUs the step may use");
            } else if (near.intersects(allowed)) {
                judge.pass(subject, fmt::format("{} of the CPUs near it are the step's",
                                                (near & allowed).size()));
            } else {
                judge.fire(subject,
                           fmt::format("near it are CPUs {}, the step may use {}", show(near),
                                       show(allowed)),
                           {show(allowed), show(near), ""});
            }
        }
    }
    judge.skip("no granted GPU of which the near CPUs are known");
}

}  // namespace

std::vector<Rule> families::cpus_bound() {
    return {
        {"cpu-unbound", cpu_family, Severity::warning, Privilege::user, Level::quick,
         "Times differ from run to run; threads wander between the sockets.",
         "Several tasks of a node may run on all of its CPUs, so that the kernel moves them about "
         "and away from their GPUs and memory.",
         "The task's affinity against all CPUs that the step has on the node, with several tasks "
         "there.",
         "srun --cpu-bind=cores …; warpstep run and exec bind each task near its GPU by themselves",
         each_affinity(judge_unbound)},
        {"cpu-overlap", cpu_family, Severity::error, Privilege::user, Level::quick,
         "Some tasks are half as fast as others.",
         "Two tasks of the step may run on the same CPUs only, or on two threads of one core (a "
         "warning): steps that overlap, or masks that were computed for another machine.",
         "The affinities of the bound tasks of a node against each other, and against its cores.",
         "srun --exact -c N --cpu-bind=cores …", over_ranks(judge_overlap)},
        {"cpu-far-from-gpu", cpu_family, Severity::warning, Privilege::user, Level::quick,
         "Copies between host and GPU run at a fraction of the link's rate.",
         "The task runs on the other socket than the one its GPU is attached to, or on both, so "
         "that copies and launches cross the link between the sockets.",
         "The task's affinity against the CPUs near the GPU that it uses, and against those of "
         "that GPU's socket.",
         "warpstep exec -- CMD, or sbatch --gres-flags=enforce-binding …",
         over_ranks(judge_far_cpus)},
        {"cpu-outside-cpuset", cpu_family, Severity::warning, Privilege::user, Level::quick,
         "A launcher dies with EINVAL in sched_setaffinity, or copies are slow on some GPUs.",
         "A container or control group has no CPU near a GPU that it was given, so that no binding "
         "can be near it, and one that is tried all the same fails. (In a Slurm job: "
         "slurm-gres-far.)",
         "The CPUs near each granted GPU against the CPUs that the tasks may use on its node.",
         "docker run --cpuset-cpus=LIST … with CPUs near the GPUs (warpstep map shows them); until "
         "then switch off bindings by GPU (torchrun --numa-binding, numactl); warpstep takes the "
         "nearest CPUs that are allowed",
         over_gpus(judge_outside)},
    };
}

}  // namespace warpstep::check
