// SPDX-License-Identifier: Apache-2.0
// One task with several devices on the host, with the real channel and communicators.
#pragma once

#include <memory>
#include <vector>

#include "runtime/comm/control_channel.hpp"
#include "runtime/comm/solo_communicator.hpp"
#include "runtime/comm/task_members.hpp"
#include "runtime/device/host/host_device.hpp"
#include "runtime/execution/machine.hpp"

namespace warpstep::test {

class SeveralDevices {
  public:
    explicit SeveralDevices(int count)
        : channel_(comm::ControlChannel::connect(step_, std::nullopt, "127.0.0.1", 0, "several",
                                                 Deadline::in(std::chrono::seconds(20)))) {
        std::vector<device::Device*> devices;
        for (int i = 0; i < count; ++i) {
            devices_.push_back(std::make_unique<device::host::HostDevice>(1));
            devices.push_back(devices_.back().get());
        }
        communicators_ =
            comm::task_members(std::make_unique<comm::SoloCommunicator>(*devices[0]), devices);
    }

    std::vector<execution::Machine> machines() {
        std::vector<execution::Machine> all;
        const int count = static_cast<int>(devices_.size());
        for (int i = 0; i < count; ++i) {
            auto& device = *devices_[static_cast<std::size_t>(i)];
            all.push_back({step_, device, device.cores(), nullptr,
                           *communicators_[static_cast<std::size_t>(i)], *channel_, i, count});
        }
        return all;
    }

  private:
    step::Step step_;
    std::unique_ptr<comm::ControlChannel> channel_;
    std::vector<std::unique_ptr<device::host::HostDevice>> devices_;
    std::vector<std::unique_ptr<comm::Communicator>> communicators_;
};

}  // namespace warpstep::test
