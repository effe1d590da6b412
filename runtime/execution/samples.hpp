// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace warpstep::execution {

/// Measured values in bounded memory: all of them up to `most`, then every second, fourth, … one,
/// evenly over the whole row. The same number of values is thinned in the same way everywhere.
class Samples {
  public:
    static constexpr std::size_t most = std::size_t{1} << 16;

    void add(double value) {
        if (seen_++ % stride_ != 0) return;
        if (kept_.size() == most) {
            thin();
            if ((seen_ - 1) % stride_ != 0) return;
        }
        kept_.push_back(value);
    }
    /// In their order.
    const std::vector<double>& kept() const { return kept_; }

  private:
    void thin() {
        for (std::size_t i = 0; i < most / 2; ++i) kept_[i] = kept_[2 * i];
        kept_.resize(most / 2);
        stride_ *= 2;
    }

    std::vector<double> kept_;
    std::uint64_t seen_ = 0, stride_ = 1;
};

}  // namespace warpstep::execution
