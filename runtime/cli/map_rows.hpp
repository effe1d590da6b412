// SPDX-License-Identifier: Apache-2.0
// From a placed node and what its tasks told of themselves to rows with verdicts. Pure.
#pragma once

#include "runtime/cli/node_party.hpp"
#include "runtime/placement/placement.hpp"
#include "runtime/report/step_map.hpp"
#include "runtime/topology/node.hpp"

namespace warpstep::cli {

/// What map_node looks at. `tasks` by local rank, read back after binding, or before it (as_is).
struct ReadBack {
    const topology::Node& node;
    const placement::Request& request;
    const placement::Placement& placement;
    const std::vector<TaskFacts>& tasks;
    std::string node_name;
    bool as_is = false;   ///< nothing was bound on purpose
    bool strict = false;  ///< an exception is bad
    bool explain = false;
};

report::MapNode map_node(const ReadBack& facts);

/// "2 packages, 4 NUMA nodes, 64 cores, 8 GPUs (live)"
std::string describe_machine(const topology::Node& node);

}  // namespace warpstep::cli
