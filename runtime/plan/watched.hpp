// SPDX-License-Identifier: Apache-2.0
// The buffers whose numbers a verdict or a report rests on: NaN or infinity in one of them fails
// the run.
#pragma once

#include <string>
#include <vector>

#include "runtime/plan/probes.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::plan {

struct WatchedBuffer {
    std::string buffer;
    std::string reader;  ///< "max_abs(w - 1)", "report.values", "mse of 'evaluate'"
};

/// Floating-point buffers without `finite: false`, each with its first reader. Rules of `verify`
/// look for themselves.
std::vector<WatchedBuffer> watched_of(const workload::Workload& workload,
                                      const std::vector<Probe>& probes);

}  // namespace warpstep::plan
