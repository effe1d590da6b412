// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/plan/buffers.hpp"
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

/// Whether a device with these buffers has all that the probe reads.
bool holds_all(const std::vector<BufferPlan>& buffers, const Probe& probe,
               const workload::Workload& workload);

/// Checks names and counts of max_abs over what such a device holds. `weights`: how many true
/// weights a dataset has; those that have none are left out. Errors: ConfigError with the place.
void check_probe(const Probe& probe, const std::vector<BufferPlan>& buffers,
                 const std::map<std::string, std::int64_t>& weights, const RankScope& scope);

}  // namespace warpstep::plan
