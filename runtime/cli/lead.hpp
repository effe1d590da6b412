// SPDX-License-Identifier: Apache-2.0
// What `map` and `exec` have in common: the first task of each node leads its node's tasks, the
// leaders meet, look at their nodes and place everybody.
#pragma once

#include <chrono>
#include <functional>

#include "runtime/cli/leaders.hpp"
#include "runtime/cli/node_party.hpp"
#include "runtime/placement/placement.hpp"
#include "runtime/step/step.hpp"
#include "runtime/topology/node.hpp"

namespace warpstep::cli {

/// The options that `map` and `exec` share.
struct LeadOptions {
    placement::Request wish;  ///< tasks and wants_gpus are filled in
    bool explain = false;
    std::chrono::seconds meeting_timeout{0};  ///< 0: by the number of ranks
};

/// A node whose tasks are known and placed, but not bound yet.
struct Led {
    const step::Step& step;
    NodeParty& party;
    Leaders& leaders;
    int node_index = 0, nodes = 1;  ///< this node among those of the step
    topology::Node node;
    placement::Request request;
    placement::Placement placement;
    Deadline deadline;

    const topology::Gpu* first_gpu(const placement::Task& task) const;
    int rank_of(int local_rank) const {
        return party.tasks()[static_cast<std::size_t>(local_rank)].rank;
    }
};

/// What is done with a placed node: `here` on this node alone, before the other nodes are met;
/// `together` when all nodes are placed, and what it returns is this node's exit code.
struct Work {
    std::function<void(Led&)> here;
    std::function<int(Led&)> together;
};

/// Collective over the leaders of the step. The largest code of all leaders becomes everybody's.
/// Errors become lines and exit codes here; one of `here` refuses the whole step. PMIx is finalized
/// before `together`.
int lead(const LeadOptions& options, const Work& work);

/// The same for this node alone, without PMIx and without a word to other nodes: who is where is
/// what the launcher's variables claim.
int lead_node(const LeadOptions& options, const Work& work);

/// Orders every task of the node to bind as planned and hears what became of it. On a described
/// node nothing is bound.
void bind_all(Led& led);

}  // namespace warpstep::cli
