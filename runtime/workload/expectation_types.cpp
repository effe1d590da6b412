// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/expectation_types.hpp"

#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/workload/names.hpp"

namespace warpstep::workload {
namespace {

constexpr Type plain_number{Type::Kind::number, no_unit};
constexpr Type truth{Type::Kind::truth, no_unit};
constexpr Type word{Type::Kind::word, no_unit};

// A value may be wrong on ranks where nobody asks for it: only what it is is wanted here.
std::optional<Type> type_where_known(const Expression& value, const TypeScope& scope) {
    try {
        return type_of(value, scope);
    } catch (const ConfigError&) {
        return std::nullopt;
    }
}

std::optional<Type> type_of_axis(const MatrixAxis& axis, const TypeScope& scope) {
    std::optional<Type> common;
    for (const Expression& value : axis.values) {
        const auto type = type_where_known(value, scope);
        if (!type || (common && *common != *type)) return std::nullopt;
        common = type;
    }
    return common;
}

std::optional<Type> type_of_call(std::string_view function) {
    if (function == "equal_on_all_ranks") return truth;
    const auto& functions = expectation_functions();
    const bool known = std::any_of(functions.begin(), functions.end(),
                                   [&](const auto& entry) { return entry.name == function; });
    return known ? std::optional(plain_number) : std::nullopt;
}

}  // namespace

ExpectationTypes::ExpectationTypes(const Workload& workload, const MetricsByStep& metrics)
    : metrics_(metrics) {
    const InStep scope = in(nullptr);
    for (const Param& param : workload.params)
        params_[param.name] = type_where_known(param.value, scope);
    for (const MatrixAxis& axis : workload.matrix) params_[axis.name] = type_of_axis(axis, scope);
    for (const DatasetSpec& dataset : workload.datasets) datasets_.push_back(dataset.name);
}

ExpectationTypes::InStep ExpectationTypes::in(const Step* step) const {
    if (step == nullptr) return {*this, nullptr};
    const auto it = metrics_.find(step->name);
    return {*this, it == metrics_.end() ? nullptr : &it->second};
}

std::optional<Type> ExpectationTypes::InStep::find(const Node& node) const {
    return node.kind == Node::Kind::call ? type_of_call(node.text) : types_.find(node.text, own_);
}

std::optional<Type> ExpectationTypes::find(const std::string& name, const StepMetrics* own) const {
    if (const auto param = params_.find(name); param != params_.end()) return param->second;
    if (const ReservedName* reserved = find_reserved(name))
        return reserved->is_text ? word : Type{Type::Kind::number, reserved->unit};
    const std::size_t dot = name.find('.');
    const std::string head = name.substr(0, dot);
    const std::string tail = dot == std::string::npos ? "" : name.substr(dot + 1);
    if (std::find(datasets_.begin(), datasets_.end(), head) != datasets_.end())
        return tail == "rows" || tail == "features" ? plain_number : truth;
    const StepMetric* metric = nullptr;
    if (head == "steps") {
        const std::size_t end = tail.find('.');
        const auto step = metrics_.find(tail.substr(0, end));
        if (step != metrics_.end() && end != std::string::npos)
            metric = step->second.find(tail.substr(end + 1));
    } else if (own != nullptr) {
        metric = own->find(name);
    }
    return metric == nullptr ? std::nullopt : std::optional(Type{Type::Kind::number, metric->unit});
}

}  // namespace warpstep::workload
