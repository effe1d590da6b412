// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/device/device.hpp"

namespace warpstep::execution {

/// Times pieces of work on a stream by events between them; events are made once and used again.
class Sampler {
  public:
    explicit Sampler(device::Device& device);

    /// Call before the first piece of a row of pieces that follow each other without anything
    /// between them, and end() after each: one event for each piece. Neither waits for the work,
    /// except once every few hundred samples.
    void begin(device::Stream& stream);
    void end(device::Stream& stream);

    /// Seconds of every sample so far; waits for the last one.
    const std::vector<double>& seconds();

  private:
    std::size_t mark(device::Stream& stream);
    void drain();

    device::Device& device_;
    std::vector<std::unique_ptr<device::Event>> events_;
    std::size_t used_ = 0;                                      ///< events that stand for something
    std::size_t last_ = 0;                                      ///< where the next sample begins
    std::vector<std::pair<std::size_t, std::size_t>> pending_;  ///< from event, to event
    std::vector<double> seconds_;
};

}  // namespace warpstep::execution
