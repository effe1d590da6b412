// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/workload/workload.hpp"

namespace warpstep::plan {

/// A value that expectations read at the end of a run: max_abs(w - train.true_weights).
struct Probe {
    std::string key;                       ///< the call as text
    const workload::Node* node = nullptr;  ///< in the tree of `expression`
    const workload::Expression* expression = nullptr;
    workload::Step evaluation = {};  ///< of mean_squared_error
};

/// Ends the name of a probe of a dataset.
constexpr std::string_view seen_once = ".each_sample_seen_once_per_epoch";

/// In the order of the file and each once, the same on all ranks. Refers to the workload.
std::vector<Probe> probes_of(const workload::Workload& workload);

}  // namespace warpstep::plan
