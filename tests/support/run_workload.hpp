// SPDX-License-Identifier: Apache-2.0
// What `warpstep run` does between loading a file and judging it, on a machine that a test made.
#pragma once

#include <string>
#include <vector>

#include "runtime/comm/agreement.hpp"
#include "runtime/execution/agreed_program.hpp"
#include "runtime/execution/judge.hpp"

#include "runtime/plan/operations.hpp"
#include "runtime/workload/load.hpp"

namespace warpstep::test {

inline workload::Workload parse(const std::string& text,
                                const std::vector<std::string>& overrides = {}) {
    return workload::parse_workload(text, "test.yaml", overrides, plan::operations());
}

/// On a task with a device for each machine.
inline execution::RankResult run_workload(const workload::Workload& workload,
                                          const std::vector<execution::Machine>& machines) {
    const execution::Machine& first = machines.front();
    std::vector<const device::Device*> devices;
    for (const auto& machine : machines) devices.push_back(&machine.device);
    const auto made =
        execution::agreed_program(workload, first.step, devices, first.step.local_size,
                                  first.channel, Deadline::in(std::chrono::seconds(60)));
    execution::Program& program = *made;
    program.allocate(machines);
    program.build();
    execution::Progress progress = execution::Progress::silent();
    execution::RankResult result;
    result.place.rank = first.step.rank;
    result.place.node_name = first.step.node_name();
    result.steps = program.run(progress);
    result.place.notes = program.plan().remarks;
    result.names = program.scope().all();
    result.not_finite = program.not_finite();
    execution::add_result_names(result.steps, result.names);
    for (const auto& name : workload.report.values) {
        result.values.emplace(name, program.values(name));
    }
    return result;
}

inline execution::RankResult run_workload(const workload::Workload& workload,
                                          const execution::Machine& machine) {
    return run_workload(workload, std::vector<execution::Machine>{machine});
}

/// The message of the ConfigError, or of the agreed refusal, that `action` throws, or "no error".
template <typename Action>
std::string refusal_of(Action&& action) {
    try {
        action();
    } catch (const ConfigError& error) {
        return error.what();
    } catch (const comm::Refusal& refusal) {
        return refusal.what();
    }
    return "no error";
}

}  // namespace warpstep::test
