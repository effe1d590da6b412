// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/known_plans.hpp"

#include <utility>

#include "runtime/base/error.hpp"

namespace warpstep::plan {
namespace {

// Equal for equal values only: numbers are not rounded as people read them.
std::string exact(const std::optional<workload::Value>& value) {
    if (!value) return "unknown";
    const auto& unit = value->unit;
    const std::string dimension = fmt::format("{} {} {} ", unit.bytes, unit.seconds, unit.flops);
    return dimension + std::to_string(value->data.index()) + " " +
           std::visit([](const auto& data) { return fmt::format("{}", data); }, value->data);
}

}  // namespace

std::shared_ptr<RankPlan> KnownPlans::find(const RankScope& scope) const {
    const Question* here = &first_;
    while (here->plan == nullptr) {
        const auto next = here->answers.find(exact(scope.find(here->name)));
        if (next == here->answers.end()) return nullptr;
        here = next->second.get();
    }
    return here->plan;
}

void KnownPlans::add(const RankScope& scope, const std::vector<std::string>& asked,
                     std::shared_ptr<RankPlan> plan) {
    Question* here = &first_;
    for (const std::string& name : asked) {
        if (here->answers.empty()) here->name = name;
        if (here->name != name) fail<LogicError>("'{}' is asked where '{}' was", name, here->name);
        auto& next = here->answers[exact(scope.find(name))];
        if (next == nullptr) next = std::make_unique<Question>();
        here = next.get();
    }
    here->plan = std::move(plan);
}

}  // namespace warpstep::plan
