// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace warpstep::data {

/// Threads that do one job at a time, piece by piece, on the cores of the thread that starts the
/// first. Whoever waits for the job helps with it.
class Background {
  public:
    /// Each thread calls `enter` once, before anything else.
    explicit Background(
        int threads, std::function<void()> enter = [] {})
        : wanted_(threads), enter_(std::move(enter)) {}
    ~Background();  ///< waits for what was started
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    /// Calls piece(0) … piece(pieces - 1), in parallel, then `finish` once. Precondition: waited
    /// for the one before, pieces >= 1.
    void start(std::int64_t pieces, std::function<void(std::int64_t)> piece,
               std::function<void()> finish);
    /// Until it is done; nothing started: at once. Errors: the first that `enter`, a piece or
    /// `finish` threw, once; `finish` is not called after one that threw.
    void wait();

  private:
    void run();
    bool do_one(std::unique_lock<std::mutex>& lock);

    int wanted_;
    std::function<void()> enter_;
    std::mutex mutex_;
    std::condition_variable work_, done_;
    std::function<void(std::int64_t)> piece_;
    std::function<void()> finish_;
    std::int64_t pieces_ = 0, next_ = 0, open_ = 0;
    bool busy_ = false, ending_ = false;
    std::exception_ptr error_;
    std::vector<std::thread> threads_;
};

}  // namespace warpstep::data
