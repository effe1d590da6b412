// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "runtime/plan/buffers.hpp"
#include "runtime/plan/rank_scope.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::plan {

/// What a rule compares with, as an expression over elements, and how a reader is told so.
struct Expected {
    workload::Expression expression;
    std::string rule;
};

/// `reference`: the buffer that a rule with `reference` compares with.
Expected expected_of(const workload::VerifyRule& rule, const std::string& reference);

/// Checks the names, types and counts of a rule. Errors: ConfigError with the place.
void check_rule(const workload::VerifyRule& rule, const std::vector<BufferPlan>& plans,
                const RankScope& scope);

}  // namespace warpstep::plan
