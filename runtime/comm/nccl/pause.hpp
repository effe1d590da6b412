// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

namespace warpstep::comm::nccl {

/// The pause between two polls: gives the core away at first, then sleeps for a small part of the
/// time waited so far, at most 1 ms. NCCL works in threads of its own, often on the only core of
/// the task.
class Pause {
  public:
    void operator()() const {
        using namespace std::chrono;
        const auto waited = steady_clock::now() - start_;
        if (waited < microseconds(200)) {
            std::this_thread::yield();
        } else {
            std::this_thread::sleep_for(
                std::min<steady_clock::duration>(waited / 16, milliseconds(1)));
        }
    }

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace warpstep::comm::nccl
