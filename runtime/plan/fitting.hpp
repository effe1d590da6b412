// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/plan/buffers.hpp"
#include "runtime/plan/rank_scope.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::plan {

/// What the arguments of a step can name on one device.
struct Fitting {
    const std::vector<BufferPlan>& buffers;
    const std::map<std::string, std::int64_t>& batches;   ///< inputs of a row, by loop variable
    const std::map<std::string, std::int64_t>& datasets;  ///< inputs of a row
    const RankScope& scope;
};

/// Whether the arguments of a step fit each other, by their sizes and types alone; what depends on
/// how many ranks are in a collective is told by meeting_problem(). Errors: ConfigError with the
/// step's place.
void check_fitting(const workload::Step& step, const Fitting& fitting);

}  // namespace warpstep::plan
