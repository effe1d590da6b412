// SPDX-License-Identifier: Apache-2.0
// Looks for NaN and infinity in the buffers that a verdict rests on, at the ends of loop turns and
// of the run, for at most a hundredth of the run's time.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/execution/lane.hpp"
#include "runtime/plan/rank_plan.hpp"

namespace warpstep::execution {

class FiniteWatch {
  public:
    using Clock = std::chrono::steady_clock;

    explicit FiniteWatch(const plan::RankPlan& plan);

    /// At the end of a turn: whether there is something to look at, and the time since the last
    /// look is a hundred times what a look takes.
    bool due();
    /// Looks into the buffers that have been finite so far, on all devices of the task. `when`:
    /// "after epoch 3 of 'train'", or "" at the end. Precondition: nothing writes them. Blocks.
    /// Errors: DeviceError.
    void look(const std::vector<Lane>& lanes, const std::string& when);
    /// "mse of 'evaluate' reads w: w[3] is nan, first seen after epoch 3 of 'train'", by buffer.
    const std::map<std::string, std::string>& found() const { return found_; }

  private:
    bool look_at(const plan::WatchedBuffer& watched, const Lane& lane, const std::string& when);

    std::vector<plan::WatchedBuffer> finite_;  ///< so far
    std::map<std::string, std::string> found_;
    Clock::time_point looked_ = Clock::now(), asked_ = looked_;
    Clock::duration cost_;                ///< of a look
    std::int64_t stride_ = 1, left_ = 1;  ///< turns from one reading of the clock to the next
};

}  // namespace warpstep::execution
