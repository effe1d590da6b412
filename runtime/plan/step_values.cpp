// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/step_values.hpp"

#include <algorithm>

#include "runtime/base/error.hpp"

namespace warpstep::plan {

std::int64_t decided_count(const std::optional<workload::Expression>& expression,
                           const workload::Scope& scope, std::int64_t otherwise,
                           std::int64_t least) {
    if (!expression) return otherwise;
    const std::int64_t count = expression->evaluate_count(scope);
    if (count < least) {
        fail<ConfigError>("{}: '{}' is {} (it must be {} or more); give a larger number",
                          show(expression->mark()), expression->text(), count, least);
    }
    return count;
}

std::chrono::milliseconds decided_timeout(const workload::Expression& expression,
                                          const workload::Scope& scope) {
    constexpr double longest = 1e9;  // seconds; more would not fit a clock
    const workload::Value value = expression.evaluate(scope);
    if (!value.is_number() || value.unit != workload::unit_seconds || !(value.number() > 0) ||
        value.number() > longest) {
        fail<ConfigError>("{}: 'timeout' is {} (it must be a duration above 0); write 30s or 5m",
                          show(expression.mark()), show(value));
    }
    return std::chrono::milliseconds(
        std::max<std::int64_t>(1, static_cast<std::int64_t>(value.number() * 1e3)));
}

}  // namespace warpstep::plan
