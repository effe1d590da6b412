// SPDX-License-Identifier: Apache-2.0
// The parts of the family of CPUs and memory, and what their rules have in common.
#pragma once

#include <vector>

#include "runtime/check/census.hpp"
#include "runtime/check/rules.hpp"
#include "runtime/topology/cpu_set.hpp"

namespace warpstep::check {

/// The heading of the family.
inline constexpr char cpu_family[] = "CPU and NUMA";

/// Calls visit(node, rank) for every rank whose node's facts are here.
template <typename Visit>
void for_each_rank(const Facts& facts, Visit visit) {
    for (const NodeFacts& node : facts.nodes) {
        for (const RankFacts* rank : facts.ranks_on(node.name)) visit(node, *rank);
    }
}

/// The same for ranks whose affinity is known; says why the others are not judged. A described
/// node's tasks run on the CPUs of another machine.
template <typename Visit>
void for_each_affinity(const Facts& facts, Census& census, Visit visit) {
    for_each_rank(facts, [&](const NodeFacts& node, const RankFacts& rank) {
        if (node.described) return census.skip("the node is described, its CPUs are not these");
        const auto cpus = topology::CpuSet::parse(rank.cpus);
        if (cpus.empty()) return census.unknown(subject_of(rank), "the affinity could not be read");
        visit(node, rank, cpus);
    });
}

/// What the step may use on a node; where nothing tells, all of it.
topology::CpuSet allowed_on(const NodeFacts& node);
/// Whether a task may run on all that the step has on the node, beside other tasks there.
bool is_unbound(const NodeFacts& node, const RankFacts& rank, const topology::CpuSet& cpus);
/// Cores of the node of which `cpus` has a PU; its PUs where the cores are not known.
int cores_in(const NodeFacts& node, const topology::CpuSet& cpus);

namespace families {
std::vector<Rule> cpus_granted();  ///< how many CPUs a task was given
std::vector<Rule> cpus_bound();    ///< which ones
std::vector<Rule> cpus_used();     ///< what is made of them
std::vector<Rule> cpus_memory();   ///< and of the memory beside them
}  // namespace families

}  // namespace warpstep::check
