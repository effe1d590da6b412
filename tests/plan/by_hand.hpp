// SPDX-License-Identifier: Apache-2.0
// Workloads as values, for tests of what is decided before a run.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/plan/hazards.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::test {

inline workload::Expression expression(const std::string& text) {
    return workload::Expression::parse(text);
}

/// A step at line `line` of f.yaml, column 5.
inline workload::Step a_step(const std::string& name, const std::string& run, int line = 1,
                             const std::map<std::string, std::string>& with = {}) {
    workload::Step step;
    step.name = name;
    step.run = run;
    step.mark = {"f.yaml", line, 5};
    for (const auto& [argument, text] : with) step.with[argument] = {expression(text)};
    return step;
}

inline workload::Step on(workload::Step step, const std::string& stream,
                         const std::vector<std::string>& needs = {}) {
    step.stream = stream;
    for (const auto& need : needs) {
        step.needs.push_back({need, {"f.yaml", step.mark.line, 40}});
    }
    return step;
}

inline workload::Step container(const std::string& name, std::vector<workload::Step> steps,
                                int line = 1) {
    workload::Step step = a_step(name, "", line);
    step.steps = std::move(steps);
    return step;
}

inline workload::Workload with_buffers(const std::vector<std::string>& names,
                                       std::vector<workload::Step> steps) {
    workload::Workload workload;
    workload.name = "t";
    workload.path = "f.yaml";
    for (const auto& name : names) {
        workload::BufferSpec spec;
        spec.name = name;
        spec.shape = {expression("8")};
        workload.buffers.push_back(spec);
    }
    workload.steps = std::move(steps);
    return workload;
}

/// Everything active, on every device.
inline plan::StepFacts everywhere() {
    return {[](const workload::Step&) { return true; },
            [](const workload::Step&) { return std::nullopt; }};
}

/// The message of the error that `action` throws, or "no error".
template <typename Action>
std::string message_of(Action&& action) {
    try {
        action();
    } catch (const std::exception& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace warpstep::test
