// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>

namespace warpstep {

/// A point in time after which a wait is given up. A value: pass it down, never restart it.
class Deadline {
  public:
    using Clock = std::chrono::steady_clock;

    static Deadline in(std::chrono::milliseconds span) { return Deadline(Clock::now() + span); }

    bool passed() const { return Clock::now() >= at_; }
    Clock::time_point at() const { return at_; }
    /// Time left, never negative.
    std::chrono::milliseconds left() const {
        const auto span = std::chrono::duration_cast<std::chrono::milliseconds>(at_ - Clock::now());
        return std::max(span, std::chrono::milliseconds{0});
    }

  private:
    explicit Deadline(Clock::time_point at) : at_(at) {}
    Clock::time_point at_;
};

}  // namespace warpstep
