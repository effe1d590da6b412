// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace warpstep::device::host {

/// The cores a task was given, as something that runs loops. Wraps one oneTBB arena.
class Cores {
  public:
    /// `count` threads including the caller, at least 1. They inherit the affinity of the thread
    /// that creates the first.
    explicit Cores(int count);
    ~Cores();
    Cores(const Cores&) = delete;
    Cores& operator=(const Cores&) = delete;

    int count() const { return count_; }

    /// Calls body(begin, end) over disjoint pieces of [0, n), in parallel when n is large enough to
    /// pay for it. The cut is the same for the same n and count, so the same core touches the same
    /// elements every time.
    void for_range(std::int64_t n,
                   const std::function<void(std::int64_t, std::int64_t)>& body) const;

    /// Sums body(begin, end) over pieces of fixed size in a fixed order: the result does not depend
    /// on count().
    double sum_range(std::int64_t n,
                     const std::function<double(std::int64_t, std::int64_t)>& body) const;

  private:
    struct Arena;
    int count_;
    std::unique_ptr<Arena> arena_;
};

}  // namespace warpstep::device::host
