// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "runtime/device/device.hpp"

namespace warpstep::execution {

/// Times pieces of work on a stream by pairs of events; events are made once and used again.
class Sampler {
  public:
    explicit Sampler(device::Device& device);

    /// Call before and after issuing the work. Does not wait for it, except once every few hundred
    /// samples.
    void begin(device::Stream& stream);
    void end(device::Stream& stream);

    /// Seconds of every sample so far; waits for the last one.
    const std::vector<double>& seconds();

  private:
    struct Pair {
        std::unique_ptr<device::Event> begin, end;
    };
    void drain();

    device::Device& device_;
    std::vector<Pair> pairs_;
    std::size_t pending_ = 0;
    std::vector<double> seconds_;
};

}  // namespace warpstep::execution
