// SPDX-License-Identifier: Apache-2.0
// The parts of the family of CPUs and memory, and what their rules have in common.
#pragma once

#include <vector>

#include "runtime/check/rules.hpp"
#include "runtime/check/rules/walks.hpp"
#include "runtime/topology/cpu_set.hpp"

namespace warpstep::check {

/// The heading of the family.
inline constexpr char cpu_family[] = "CPU and NUMA";
inline constexpr char cpus_are_elsewhere[] = "the node is described, its CPUs are not these";

/// A rank with its node and the CPUs that it may run on.
struct Affinity {
    const NodeFacts* node;
    const RankFacts* rank;
    topology::CpuSet cpus;
};
/// Those of all placed ranks. Says SKIP for a described node, whose tasks run on the CPUs of
/// another machine, and UNKNOWN where the affinity could not be read.
std::vector<Affinity> affinities(const Facts& facts, Judge& judge);

Walk each_affinity(void (*judge)(const Facts&, const NodeFacts&, const RankFacts&,
                                 const topology::CpuSet&, Judge&));

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
