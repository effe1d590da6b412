// SPDX-License-Identifier: Apache-2.0
// Numbers of a step that are decided once, before the run.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "runtime/workload/expression.hpp"

namespace warpstep::plan {

/// `otherwise` where nothing is written. Errors: ConfigError with the place for what is no whole
/// number or below `least`.
std::int64_t decided_count(const std::optional<workload::Expression>& expression,
                           const workload::Scope& scope, std::int64_t otherwise,
                           std::int64_t least);

/// Errors: ConfigError with the place for what is no duration above 0.
std::chrono::milliseconds decided_timeout(const workload::Expression& expression,
                                          const workload::Scope& scope);

}  // namespace warpstep::plan
