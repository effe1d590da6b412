// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/device/device.hpp"
#include "runtime/execution/samples.hpp"

namespace warpstep::execution {

/// Times pieces of work on a stream by events between them; events are made once and used again. On
/// the host, where work is done when its call returns, the clock itself is read.
class Sampler {
  public:
    explicit Sampler(device::Device& device);

    /// Call before the first piece of a row of pieces that follow each other without anything
    /// between them, and end() after each: one event for each piece. Neither waits for the work,
    /// except once every few hundred samples.
    void begin(device::Stream& stream);
    void end(device::Stream& stream);

    /// Seconds of every sample so far, evenly thinned where there are very many; waits for the last
    /// one.
    const std::vector<double>& seconds();

  private:
    std::size_t mark(device::Stream& stream);
    void drain();

    using Clock = std::chrono::steady_clock;
    device::Device& device_;
    bool host_;
    Clock::time_point mark_;  ///< where the next sample begins on the host
    std::vector<std::unique_ptr<device::Event>> events_;
    std::size_t used_ = 0;                                      ///< events that stand for something
    std::size_t last_ = 0;                                      ///< where the next sample begins
    std::vector<std::pair<std::size_t, std::size_t>> pending_;  ///< from event, to event
    Samples samples_;
};

}  // namespace warpstep::execution
