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

/// Whether the buffers and values of a kernel of the catalog or of a copy fit each other, by their
/// sizes and types alone; says nothing of other operations. `features`: the inputs of a row, by
/// the loop variable of a batch. Errors: ConfigError with the step's place, in the words that
/// building the step would use.
void check_fitting(const workload::Step& step, const std::vector<BufferPlan>& buffers,
                   const std::map<std::string, std::int64_t>& features, const RankScope& scope);

}  // namespace warpstep::plan
