// SPDX-License-Identifier: Apache-2.0
// From a workload's `placement:` to what is asked of a node: one meaning for a run and a dry run.
#pragma once

#include <string>

#include "runtime/placement/placement.hpp"
#include "runtime/topology/node.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::cli {

placement::Request node_request_of(const workload::PlacementRequest& wanted, int tasks,
                                   bool wants_gpus);

/// Where the node has fewer GPUs than the file speaks of, each task takes as many as there are for
/// it (`strict: true` refuses instead). Says so, or "".
std::string take_what_there_is(placement::Request& request, const topology::Node& node);

}  // namespace warpstep::cli
