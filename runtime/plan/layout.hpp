// SPDX-License-Identifier: Apache-2.0
// The tasks of a step that does not exist.
#pragma once

#include <string>
#include <vector>

#include "runtime/step/environment.hpp"
#include "runtime/step/step.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::plan {

/// How many tasks each node has, and who says so: "--ranks", "this job step", "'ranks' of the
/// file"; "" where it is one task because nobody says anything.
struct StepLayout {
    std::vector<int> tasks;
    std::string by;
};

/// The command line's; 0: it says nothing.
struct LayoutWish {
    int ranks = 0, per_node = 0, local_ranks = 0;
};

/// By --ranks and --per-node, --local-ranks, the job step, the allocation, or what the workload
/// itself asks for, in this order.
StepLayout step_layout(const LayoutWish& wish, const step::Lookup& lookup,
                       const workload::Workload& workload);

/// Ranks in blocks, node by node; nodes are called n1, n2, … Precondition: every node has a task.
std::vector<step::Step> steps_of(const std::vector<int>& tasks);

}  // namespace warpstep::plan
