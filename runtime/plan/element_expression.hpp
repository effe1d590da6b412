// SPDX-License-Identifier: Apache-2.0
// An expression over the elements of buffers, evaluated block by block.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "runtime/plan/rank_scope.hpp"
#include "runtime/workload/expression.hpp"

namespace warpstep::plan {

/// Widest real type the host computes with: one precision above f64 on x86-64.
using Wide = long double;

/// What a name means element-wise: fills `out` with elements [begin, begin + out.size()) and says
/// true, or says false when the name is not a buffer. `before`: the content before the step.
using ElementSource = std::function<bool(const std::string& name, bool before, std::int64_t begin,
                                         std::vector<Wide>& out)>;

/// Errors: ConfigError with the expression's place for names and functions that have no
/// element-wise meaning.
std::vector<Wide> evaluate_elements(const workload::Expression& expression, const RankScope& scope,
                                    const ElementSource& source, std::int64_t begin,
                                    std::int64_t count);
/// Of a part of the expression: `node` is in its tree.
std::vector<Wide> evaluate_elements(const workload::Expression& expression,
                                    const workload::Node& node, const RankScope& scope,
                                    const ElementSource& source, std::int64_t begin,
                                    std::int64_t count);

}  // namespace warpstep::plan
