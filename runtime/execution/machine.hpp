// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/comm/communicator.hpp"
#include "runtime/comm/control_channel.hpp"
#include "runtime/cuda/backend.hpp"
#include "runtime/device/device.hpp"
#include "runtime/device/host/cores.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::execution {

/// One device of a task with everything that is computed on it, opened and connected. Refers to
/// what the command owns. The members of the communicator are the devices of all tasks, in the
/// order of the ranks, then of the devices of a task.
struct Machine {
    const step::Step& step;
    device::Device& device;
    const device::host::Cores& cores;  ///< of the task; on CUDA they prepare and verify data
    comm::CudaBackend* cuda;           ///< nullptr on the host device
    comm::Communicator& communicator;
    comm::ControlChannel& channel;
    int device_index = 0;  ///< among the devices of the task
    int devices = 1;       ///< of each task

    int member() const { return step.rank * devices + device_index; }
    int members() const { return step.size * devices; }
};

}  // namespace warpstep::execution
