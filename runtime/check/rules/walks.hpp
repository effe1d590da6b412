// SPDX-License-Identifier: Apache-2.0
// Whom the rules look at. A row of a table says so: {"remap-failed", …, each_gpu(judge_failed)}.
// `each_…` calls the rule for one subject after the other; `over_…` leaves it to the rule, which
// compares them with each other or asks their tasks.
#pragma once

#include <string>
#include <vector>

#include "runtime/check/rule.hpp"

namespace warpstep::check {

/// A GPU with its node, in the facts that hold both.
struct JudgedGpu {
    const Facts* facts;
    const NodeFacts* node;
    const GpuFacts* gpu;
    Subject subject() const { return subject_of(*node, *gpu); }
};

using JudgeStep = void (*)(const Facts&, Judge&);
Walk once(JudgeStep judge);  ///< the step as a whole
Walk over_nodes(JudgeStep judge);
Walk over_ranks(JudgeStep judge);
/// GPUs, by what is known of them without the driver: their place, who uses them.
Walk over_gpus(JudgeStep judge);
/// The state of GPUs: goes through judged_gpus().
Walk over_gpu_states(JudgeStep judge);

/// Every node; those that a file describes are none whose state could be judged.
Walk each_node(void (*judge)(const Facts&, const NodeFacts&, Judge&));
/// Those that are not described; says SKIP for the others.
Walk each_real_node(void (*judge)(const Facts&, const NodeFacts&, Judge&));
Walk each_rank(void (*judge)(const Facts&, const RankFacts&, Judge&));
/// Those whose node's facts are here.
Walk each_placed_rank(void (*judge)(const Facts&, const NodeFacts&, const RankFacts&, Judge&));
/// Nodes, by what their first rank tells.
Walk each_first_rank(void (*judge)(const Facts&, const RankFacts&, Judge&));
/// judged_gpus(), one by one.
Walk each_gpu(void (*judge)(const JudgedGpu&, Judge&));

/// Fires with what a subject shares with others and, in brackets, what is its own.
void fire_with(Judge& judge, Subject subject, const std::string& what, const std::string& own,
               std::string fix = "");

/// The GPUs of the step that NVML answers for. Says SKIP for nodes without NVIDIA GPUs, without any
/// of the step's, and for described ones (a file tells their shape, not their state); UNKNOWN with
/// the reason for those where NVML told nothing.
std::vector<JudgedGpu> judged_gpus(const Facts& facts, Judge& judge);
/// The nodes for which that holds, without regard to their GPUs.
std::vector<const NodeFacts*> judged_nodes(const Facts& facts, Judge& judge);

/// A rank whose node's facts are here.
struct Placed {
    const NodeFacts* node;
    const RankFacts* rank;
};
/// Ascending.
std::vector<Placed> placed_ranks(const Facts& facts);
/// The first one of each node, which speaks for what is the node's.
std::vector<const RankFacts*> first_ranks(const Facts& facts);
Subject node_of(const RankFacts& rank);

}  // namespace warpstep::check
