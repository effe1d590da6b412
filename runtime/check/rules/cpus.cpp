// SPDX-License-Identifier: Apache-2.0
// Cores, NUMA nodes and memory.
#include <algorithm>

#include "runtime/check/rules/cpus_parts.hpp"

namespace warpstep::check {

using topology::CpuSet;

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
