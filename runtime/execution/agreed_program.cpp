// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/agreed_program.hpp"

#include "runtime/comm/agreement.hpp"
#include "runtime/plan/planner.hpp"

namespace warpstep::execution {
namespace {

plan::PlanFacts facts_of(const std::vector<const device::Device*>& devices, int sharers,
                         const workload::Workload& workload) {
    plan::PlanFacts facts;
    facts.devices.clear();
    for (const auto* device : devices) {
        facts.devices.push_back({device->facts(), device->free_memory()});
    }
    facts.device_sharers = sharers;
    facts.host = plan::host_memory();
    facts.tables = plan::table_shapes(workload);
    return facts;
}

}  // namespace

std::unique_ptr<Program> agreed_program(const workload::Workload& workload, const step::Step& step,
                                        const std::vector<const device::Device*>& devices,
                                        int sharers, comm::ControlChannel& channel,
                                        const Deadline& deadline) {
    std::unique_ptr<Program> program;
    comm::agreed(channel, step.rank, deadline, [&] {
        const plan::PlanFacts facts = facts_of(devices, sharers, workload);
        const auto plan = plan::Planner(workload, facts).plan(step);
        plan::refuse_problems(*plan);
        program = std::make_unique<Program>(plan);
    });
    std::vector<std::vector<plan::CollectiveNote>> by_rank;
    for (const auto& blob : channel.all_gather(plan::encode(program->plan().notes), deadline)) {
        by_rank.push_back(plan::decode_notes(blob));
    }
    if (const auto problem = plan::meeting_problem(by_rank)) {
        throw comm::Refusal(ExitCode::bad_input, *problem, step.rank == 0);
    }
    return program;
}

}  // namespace warpstep::execution
