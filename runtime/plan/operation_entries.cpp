// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/operation_entries.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/error.hpp"

namespace warpstep::plan {

namespace entry {

Argument buffer(Role role, const std::string& name, std::string shape, std::string note) {
    return {name, role, true, "any", std::move(shape), std::move(note), name, {}};
}
Argument from(std::string shape, std::string note) {
    return buffer(Role::read, "from", std::move(shape), std::move(note));
}
Argument to(std::string shape, std::string note) {
    return buffer(Role::write, "to", std::move(shape), std::move(note));
}
Argument value(std::string name, std::optional<std::string> example, std::string note) {
    return {std::move(name), Role::value, false, "", "", std::move(note), std::move(example), {}};
}
Argument optional(Argument argument) {
    argument.required = false;
    return argument;
}
Argument left_out(Argument argument) {
    argument.example.reset();
    return optional(std::move(argument));
}

workload::Metric number(std::string name, std::string meaning, std::string no_value) {
    workload::Metric metric{std::move(name)};
    metric.meaning = std::move(meaning);
    metric.no_value = std::move(no_value);
    return metric;
}

std::vector<workload::Metric> message_rates() {
    return {workload::metric_of("algbw"), workload::metric_of("busbw")};
}

}  // namespace entry

const std::string* word_given(const workload::Step& step, const std::string& argument) {
    const auto it = step.with.find(argument);
    return it == step.with.end() ? nullptr : &it->second.value.root().text;
}

const BufferPlan& buffer_given(const workload::Step& step, const std::string& argument,
                               const Fitting& fitting) {
    const std::string* name = word_given(step, argument);
    if (name == nullptr) {
        fail<ConfigError>("argument '{}' is missing; give it under 'with'", argument);
    }
    const auto it = std::find_if(fitting.buffers.begin(), fitting.buffers.end(),
                                 [&](const BufferPlan& plan) { return plan.name == *name; });
    if (it == fitting.buffers.end()) {
        fail<ConfigError>("'{}: {}' is not a buffer; declare it under 'buffers'", argument, *name);
    }
    return *it;
}

}  // namespace warpstep::plan
