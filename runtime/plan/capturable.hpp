// SPDX-License-Identifier: Apache-2.0
// What may stand inside a `graph:`: it is written down once and launched many times, without the
// host.
#pragma once

#include "runtime/workload/workload.hpp"

namespace warpstep::plan {

/// Refuses, in every `graph:` of the workload, what would need the host or change between two
/// launches: loops, another graph, repeat, timeout, expect and verify of steps inside, reports,
/// linear.evaluate, store, copies with host memory, batches and loop variables. The rules are the
/// same on the host device. Errors: ConfigError with the places of the step and of the graph.
void check_graphs(const workload::Workload& workload);

}  // namespace warpstep::plan
