// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/all_ranks_scope.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "runtime/base/error.hpp"

namespace warpstep::execution {

using workload::Value;

AllRanksScope::AllRanksScope(const std::vector<RankResult>& ranks, std::size_t rank,
                             const std::string& step)
    : ranks_(ranks), rank_(rank), prefix_(step.empty() ? "" : "steps." + step + ".") {}

std::optional<Value> AllRanksScope::find_on(const RankResult& rank, std::string_view name) const {
    if (!prefix_.empty()) {
        if (const auto it = rank.names.find(prefix_ + std::string(name)); it != rank.names.end()) {
            return it->second;
        }
    }
    const auto it = rank.names.find(name);
    return it == rank.names.end() ? std::nullopt : std::optional(it->second);
}

std::optional<Value> AllRanksScope::find(std::string_view name) const {
    auto value = find_on(ranks_[rank_], name);
    if (value) return value;
    if (const std::string why = why_missing(name); !why.empty()) {
        fail<ConfigError>("'{}' has no value on rank {} ({})", name, ranks_[rank_].place.rank, why);
    }
    return std::nullopt;
}

std::string AllRanksScope::why_missing(std::string_view name) const {
    std::string full(name);
    if (!full.starts_with("steps.")) full.insert(0, prefix_);
    for (const StepResult& step : ranks_[rank_].steps) {
        const std::string prefix = "steps." + step.name + ".";
        if (!full.starts_with(prefix)) continue;
        if (!step.ran) return fmt::format("step '{}' did not run there", step.name);
        if (!step.failure.empty()) return step.failure;
        const std::string number = full.substr(prefix.size());
        const auto it = step.missing.find(number.substr(0, number.find('.')));
        if (it != step.missing.end()) return it->second;
        const auto odd = step.numbers.find(number);
        if (odd != step.numbers.end() && !std::isfinite(odd->second))
            return "it is no finite number";
    }
    return "";
}

// (max - min) / median over the ranks.
std::optional<Value> AllRanksScope::spread(const std::string& name) const {
    std::vector<double> values;
    for (const auto& rank : ranks_) {
        if (const auto value = find_on(rank, name); value && value->is_number()) {
            values.push_back(value->number());
        }
    }
    if (values.empty()) fail<ConfigError>("'{}' was measured on no rank", name);
    const Statistics statistics = summarize(values);
    return plan::number_value((statistics.max - statistics.min) / statistics.median);
}

// The rank with the largest time or the smallest rate.
std::optional<Value> AllRanksScope::worst(const std::string& name) const {
    std::optional<double> worst;
    int worst_rank = 0;
    for (const auto& rank : ranks_) {
        const auto value = find_on(rank, name);
        if (!value || !value->is_number()) continue;
        const bool is_time = value->unit == workload::unit_seconds;
        const double x = value->number();
        if (!worst || (is_time ? x > *worst : x < *worst)) {
            worst = x;
            worst_rank = rank.place.rank;
        }
    }
    if (!worst) fail<ConfigError>("'{}' was measured on no rank", name);
    return plan::count_value(worst_rank);
}

std::optional<Value> AllRanksScope::call(std::string_view function,
                                         const std::vector<std::string>& arguments) const {
    if (arguments.size() != 1) return std::nullopt;
    if (function == "spread") return spread(arguments[0]);
    if (function == "worst") return worst(arguments[0]);
    return std::nullopt;
}

// What the ranks have found at the end of the run stands under the call's own text.
std::optional<Value> AllRanksScope::measured(const workload::Node& call) const {
    const std::string key = show(call);
    if (call.text == "equal_on_all_ranks") return equal_everywhere(key);
    const auto it = ranks_[rank_].names.find(key);
    return it == ranks_[rank_].names.end() ? std::nullopt : std::optional(it->second);
}

// The ranks have left hashes.
std::optional<Value> AllRanksScope::equal_everywhere(const std::string& key) const {
    const Value* first = nullptr;
    for (const auto& rank : ranks_) {
        const auto it = rank.names.find(key);
        if (it == rank.names.end()) return std::nullopt;
        if (first == nullptr) first = &it->second;
        if (!(it->second == *first)) return Value{false, workload::no_unit};
    }
    return Value{true, workload::no_unit};
}

std::vector<std::string> AllRanksScope::names() const {
    std::vector<std::string> result;
    for (const auto& [name, value] : ranks_[rank_].names) {
        result.push_back(name);
        if (!prefix_.empty() && name.starts_with(prefix_)) {
            result.push_back(name.substr(prefix_.size()));
        }
    }
    return result;
}

}  // namespace warpstep::execution
