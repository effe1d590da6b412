// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "runtime/base/deadline.hpp"
#include "runtime/step/step.hpp"
#include "runtime/topology/cpu_set.hpp"

namespace warpstep::cli {

/// The CPUs that the launcher gave to all tasks of this node together: with a mask for each task,
/// the own one is no ground for a placement of all. Collective over the tasks of the node,
/// blocking. Nothing where there is nobody to ask: one task, or ranks that were forked from one.
/// Errors: CommError naming who did not come.
std::optional<topology::CpuSet> cpus_granted_to_node(const step::Step& step, Deadline deadline);

}  // namespace warpstep::cli
