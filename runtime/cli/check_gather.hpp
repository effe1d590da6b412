// SPDX-License-Identifier: Apache-2.0
// The facts of all ranks and nodes of a step, on rank 0.
#pragma once

#include "runtime/check/collect.hpp"
#include "runtime/check/facts.hpp"
#include "runtime/cli/check.hpp"
#include "runtime/cli/muster.hpp"

namespace warpstep::cli {

/// What this task finds out before it meets the others. Local, blocking for some seconds at most.
check::RankFacts collect_own(const check::Sources& sources);

/// The node of this task, its GPUs asked in a child. Local, blocking as check::collect_node.
check::NodeFacts collect_this_node(const check::Sources& sources);

/// Collective over muster.present. What rank 0 has is everything; the others have themselves.
check::Facts gather_facts(const CheckOptions& options, const check::Sources& sources,
                          Muster& muster, check::RankFacts own);

/// The tasks of a watched step in the place of our own: what their environments and CPUs say.
void watch_programs(check::Facts& facts);

}  // namespace warpstep::cli
