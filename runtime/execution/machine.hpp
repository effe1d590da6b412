// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/comm/communicator.hpp"
#include "runtime/comm/control_channel.hpp"
#include "runtime/comm/cuda_backend.hpp"
#include "runtime/device/device.hpp"
#include "runtime/device/host/cores.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::execution {

/// Everything a rank computes with, opened and connected. Refers to what the command owns.
struct Machine {
    const step::Step& step;
    device::Device& device;
    const device::host::Cores& cores;  ///< of the task; on CUDA they prepare and verify data
    comm::CudaBackend* cuda;           ///< nullptr on the host device
    comm::Communicator& communicator;
    comm::ControlChannel& channel;
};

}  // namespace warpstep::execution
