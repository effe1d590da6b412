// SPDX-License-Identifier: Apache-2.0
// Cores, NUMA nodes and memory.
#include <algorithm>
#include <utility>

#include "runtime/check/rules/cpus_parts.hpp"

namespace warpstep::check {

using topology::CpuSet;

std::vector<Affinity> affinities(const Facts& facts, Judge& judge) {
    std::vector<Affinity> known;
    for (const auto& [node, rank] : placed_ranks(facts)) {
        if (node->described) {
            judge.skip(cpus_are_elsewhere);
            continue;
        }
        CpuSet cpus = CpuSet::parse(rank->cpus);
        if (cpus.empty())
            judge.unknown(subject_of(*rank), "the affinity could not be read");
        else
            known.push_back({node, rank, std::move(cpus)});
    }
    return known;
}

Walk each_affinity(void (*judge)(const Facts&, const NodeFacts&, const RankFacts&, const CpuSet&,
                                 Judge&)) {
    return {Kind::rank, false, [judge](const Facts& facts, Judge& writer) {
                for (const Affinity& task : affinities(facts, writer))
                    judge(facts, *task.node, *task.rank, task.cpus, writer);
            }};
}

CpuSet allowed_on(const NodeFacts& node) {
    return CpuSet::parse(node.allowed_cpus.empty() ? node.cpus : node.allowed_cpus);
}

bool is_unbound(const NodeFacts& node, const RankFacts& rank, const CpuSet& cpus) {
    const CpuSet allowed = allowed_on(node);
    return rank.local_size > 1 && !allowed.empty() && cpus.contains(allowed);
}

int cores_in(const NodeFacts& node, const CpuSet& cpus) {
    if (node.cores.empty()) return cpus.size();
    return static_cast<int>(std::count_if(
        node.cores.begin(), node.cores.end(),
        [&](const std::string& core) { return CpuSet::parse(core).intersects(cpus); }));
}

namespace families {

std::vector<Rule> cpus() {
    std::vector<Rule> all;
    for (auto part : {cpus_granted, cpus_bound, cpus_used, cpus_memory}) {
        for (const Rule& rule : part()) all.push_back(rule);
    }
    return all;
}

}  // namespace families

}  // namespace warpstep::check
