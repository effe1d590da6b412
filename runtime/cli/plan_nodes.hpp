// SPDX-License-Identifier: Apache-2.0
// From the options of `plan` to placed nodes.
#pragma once

#include <cstddef>
#include <vector>

#include "runtime/cli/plan.hpp"
#include "runtime/placement/placement.hpp"
#include "runtime/report/placement_nodes.hpp"

namespace warpstep::cli {

/// A step that exists on paper.
struct PlannedStep {
    std::vector<report::PlacedNodes> groups;   ///< nodes that are alike, by their first one
    std::vector<placement::Request> requests;  ///< one for each group
    std::vector<std::size_t> group_of_node;    ///< node n1 first
};

/// Every file is read once and every kind of node planned once, however many there are. Errors:
/// ConfigError that names the node where there are several.
PlannedStep plan_step(const PlanOptions& options);

}  // namespace warpstep::cli
