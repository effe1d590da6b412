// SPDX-License-Identifier: Apache-2.0
// A step of one rank on the host device, with the real channel and communicator.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <memory>

#include "runtime/comm/control_channel.hpp"
#include "runtime/comm/host/host_communicator.hpp"
#include "runtime/device/host/host_device.hpp"
#include "runtime/execution/machine.hpp"

namespace warpstep::test {

class Solo {
  public:
    explicit Solo(int cores = 2)
        : device_(cores),
          channel_(
              comm::ControlChannel::connect(step_, std::nullopt, "127.0.0.1", 0, "solo", soon())),
          communicator_(comm::host::connect_host(step_, *channel_, token(), "127.0.0.1", soon(),
                                                 std::chrono::seconds(20))),
          stream_(device_.make_stream(false)) {}

    execution::Machine machine() {
        return {step_, device_, device_.cores(), nullptr, *communicator_, *channel_};
    }
    device::Stream& stream() { return *stream_; }

  private:
    static Deadline soon() { return Deadline::in(std::chrono::seconds(20)); }
    static std::string token() {
        static int made = 0;
        return fmt::format("solo{}-{}", ::getpid(), made++);
    }

    step::Step step_;
    device::host::HostDevice device_;
    std::unique_ptr<comm::ControlChannel> channel_;
    std::unique_ptr<comm::Communicator> communicator_;
    std::unique_ptr<device::Stream> stream_;
};

}  // namespace warpstep::test
