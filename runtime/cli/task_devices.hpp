// SPDX-License-Identifier: Apache-2.0
// The devices of a task, opened, and connected with those of the other tasks.
#pragma once

#include <memory>
#include <vector>

#include "runtime/cli/bootstrap.hpp"
#include "runtime/cli/options.hpp"
#include "runtime/cli/prepare.hpp"
#include "runtime/comm/communicator.hpp"
#include "runtime/device/device.hpp"
#include "runtime/device/host/cores.hpp"
#include "runtime/execution/machine.hpp"

namespace warpstep::cli {

/// Owns devices, cores and communicators of one task; outlives what runs on them.
class TaskDevices {
  public:
    /// Local. On CUDA the GPUs of the plan; on the host as many groups of the task's cores as the
    /// file asks GPUs for. Errors: DeviceError.
    TaskDevices(const Preparation& ready, const step::Step& step);

    std::vector<const device::Device*> devices() const;
    const device::Facts& facts() const { return opened_.front().device->facts(); }
    /// Tasks that share the memory of each device.
    int sharers() const;

    /// Collective. Errors: CommError, PeerFailure.
    void connect(const Peers& peers, const RunOptions& options);
    /// One for each device. Precondition: connected. `channel` outlives them.
    std::vector<execution::Machine> machines(comm::ControlChannel& channel) const;

  private:
    struct Opened {
        std::unique_ptr<device::host::Cores> cores;
        std::unique_ptr<device::Device> device;
        std::unique_ptr<comm::Communicator> communicator;
    };
    void connect_gpus(const Peers& peers, const RunOptions& options);
    std::unique_ptr<comm::Communicator> connect_tasks(const Peers& peers,
                                                      const RunOptions& options);

    const Preparation& ready_;
    const step::Step& step_;
    std::vector<Opened> opened_;
};

}  // namespace warpstep::cli
