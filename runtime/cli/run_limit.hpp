// SPDX-License-Identifier: Apache-2.0
// --run-timeout: the end of a run that takes too long, wherever it is.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "runtime/base/deadline.hpp"
#include "runtime/comm/control_channel.hpp"

namespace warpstep::cli {

/// When the time is over, rank 0 tells the step that it has failed, which ends every wait of every
/// rank. A rank that is not waiting but computing cannot hear it: `grace` later its process is
/// ended with code 3 from the limit's own thread. Without a limit: nothing.
class RunLimit {
  public:
    static constexpr std::chrono::seconds grace{5};

    /// `limit` 0: none. The channel must outlive this object.
    RunLimit(std::chrono::seconds limit, Deadline::Clock::time_point start, int rank,
             comm::ControlChannel& channel);
    ~RunLimit();
    RunLimit(const RunLimit&) = delete;
    RunLimit& operator=(const RunLimit&) = delete;

    /// Whether a failure of the step is this limit's.
    bool is_cause_of(const comm::PeerFailure& failure) const;
    const std::string& text() const { return text_; }

  private:
    bool ended_before(Deadline::Clock::time_point time);
    void watch(Deadline::Clock::time_point end);

    std::string text_;
    int rank_;
    comm::ControlChannel& channel_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool ended_ = false;
    std::thread watcher_;
};

}  // namespace warpstep::cli
