// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/verify_rule.hpp"

#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/plan/element_expression.hpp"

namespace warpstep::plan {

using workload::VerifyRule;

Expected expected_of(const VerifyRule& rule, const std::string& reference) {
    if (rule.equals) return {*rule.equals, "equals " + rule.equals->text()};
    if (!rule.same_as.empty()) {
        return {workload::Expression::parse(rule.same_as), "same as " + rule.same_as};
    }
    return {workload::Expression::parse(reference), "reference " + rule.reference};
}

void check_rule(const VerifyRule& rule, const std::vector<BufferPlan>& plans,
                const RankScope& scope) {
    if (!rule.equals && rule.same_as.empty()) return;
    const auto find = [&](const std::string& name) {
        return std::find_if(plans.begin(), plans.end(),
                            [&](const BufferPlan& plan) { return plan.name == name; });
    };
    const auto verified = find(rule.buffer);
    if (verified == plans.end()) fail<LogicError>("no buffer '{}' to verify", rule.buffer);
    const ElementSource ones = [&](const std::string& name, bool, std::int64_t,
                                   std::vector<Wide>& out) {
        const auto plan = find(name);
        if (plan == plans.end()) return false;
        if (plan->count != 1 && plan->count != verified->count) {
            fail<ConfigError>(
                "{}: '{}' has {} elements but the verified buffer '{}' has {}; compare equally "
                "many, or one with all",
                show(rule.mark), name, plan->count, verified->name, verified->count);
        }
        std::fill(out.begin(), out.end(), Wide{1});
        return true;
    };
    evaluate_elements(expected_of(rule, "").expression, scope, ones, 0, 1);
}

}  // namespace warpstep::plan
