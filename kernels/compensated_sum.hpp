// SPDX-License-Identifier: Apache-2.0
// Sums on the host that are the truth for the sums on the device.
#pragma once

#include <cmath>

namespace warpstep::kernels {

/// A sum whose error does not grow with the number of terms. Source: A. Neumaier,
/// "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen" (1974).
class CompensatedSum {
  public:
    void add(double x) {
        const double next = sum_ + x;
        lost_ += std::abs(sum_) >= std::abs(x) ? (sum_ - next) + x : (x - next) + sum_;
        sum_ = next;
    }
    /// Infinities and NaN come through as in a plain sum.
    double value() const { return std::isfinite(lost_) ? sum_ + lost_ : sum_; }

  private:
    double sum_ = 0, lost_ = 0;
};

}  // namespace warpstep::kernels
