// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace warpstep::execution {

/// A thread that does one thing at a time, on the cores of the thread that starts the first.
class Background {
  public:
    Background() = default;
    ~Background();  ///< waits for what was started
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    /// Precondition: waited for the one before.
    void start(std::function<void()> job);
    /// Until it is done; nothing started: at once. Errors: what the job threw, once.
    void wait();

  private:
    void run();
    std::mutex mutex_;
    std::condition_variable changed_;
    std::function<void()> job_;  ///< empty: none, or done
    std::exception_ptr error_;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace warpstep::execution
