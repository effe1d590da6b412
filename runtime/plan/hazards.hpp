// SPDX-License-Identifier: Apache-2.0
// Steps that would touch one buffer at the same time are refused before anything runs.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "runtime/workload/workload.hpp"

namespace warpstep::plan {

/// What of a workload is decided on each rank for itself.
struct StepFacts {
    std::function<bool(const workload::Step&)> active;  ///< its `if`
    /// Which of the task's devices; nothing: on all of them.
    std::function<std::optional<int>(const workload::Step&)> device;
};

/// Refuses two active steps of one list that nothing orders, on one device, where one writes a
/// buffer that the other reads or writes. Time: steps * buffers of a step * streams.
/// Errors: ConfigError that names both steps with their places, the buffer and what to type; as
/// Order's constructor.
void check_hazards(const workload::Workload& workload, const StepFacts& facts);

/// The buffers that this device of the task must have: those that an active step touches on it,
/// and those that none touches at all.
std::set<std::string> buffers_on(int device, const workload::Workload& workload,
                                 const StepFacts& facts);

}  // namespace warpstep::plan
