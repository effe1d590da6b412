// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "runtime/base/deadline.hpp"
#include "runtime/comm/control_channel.hpp"
#include "runtime/device/device.hpp"
#include "runtime/execution/program.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::execution {

/// Collective: this rank's program, once every rank has a plan without problems, has opened its
/// datasets, and meets the others in every collective. `devices`: those of the task, at least one;
/// `sharers`: tasks that share each one's memory. `workload` outlives it. Errors: comm::Refusal, on
/// all ranks, when one refuses or ranks would not meet.
std::unique_ptr<Program> agreed_program(const workload::Workload& workload, const step::Step& step,
                                        const std::vector<const device::Device*>& devices,
                                        int sharers, comm::ControlChannel& channel,
                                        const Deadline& deadline);

}  // namespace warpstep::execution
