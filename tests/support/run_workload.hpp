// SPDX-License-Identifier: Apache-2.0
// What `warpstep run` does between loading a file and judging it, on a machine that a test made.
#pragma once

#include <string>
#include <vector>

#include "runtime/execution/judge.hpp"
#include "runtime/execution/program.hpp"
#include "runtime/workload/load.hpp"

namespace warpstep::test {

inline workload::Workload parse(const std::string& text,
                                const std::vector<std::string>& overrides = {}) {
    return workload::parse_workload(text, "test.yaml", overrides, execution::operations());
}

inline execution::RankResult run_workload(const workload::Workload& workload,
                                          const execution::Machine& machine) {
    execution::Program program(workload, machine.step, machine.device, machine.step.local_size);
    program.allocate(machine);
    program.build();
    execution::Progress progress = execution::Progress::silent();
    execution::RankResult result;
    result.place.rank = machine.step.rank;
    result.place.node_name = machine.step.node_name();
    result.steps = program.run(progress);
    result.names = program.scope().all();
    execution::add_result_names(result.steps, result.names);
    for (const auto& name : workload.report.values) {
        result.values.emplace(name, program.values(name));
    }
    return result;
}

/// The message of the ConfigError that `action` throws, or "no error".
template <typename Action>
std::string refusal_of(Action&& action) {
    try {
        action();
    } catch (const ConfigError& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace warpstep::test
