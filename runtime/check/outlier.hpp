// SPDX-License-Identifier: Apache-2.0
// Which of several measurements of the same thing is not like the others. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace warpstep::check {

/// Of finite values; NaN for none.
double median_of(std::vector<double> values);
/// 1.4826 times the median of the distances from the median: the standard deviation, where the
/// values are normal but for a few. Source: Rousseeuw and Croux, Alternatives to the Median
/// Absolute Deviation, 1993.
double robust_deviation(const std::vector<double>& values);

enum class Better { higher, lower };

/// From this many peers on a line can be drawn.
inline constexpr std::size_t fewest_peers = 4;

struct OutlierLine {
    double median = 0;
    double line = 0;  ///< what is beyond it is an outlier
    Better better = Better::higher;
    bool is_outlier(double value) const {
        return better == Better::higher ? value < line : value > line;
    }
};

/// median x (1 - max(3 %, 5 x robust_deviation / median)), mirrored for times; nothing with fewer
/// than four values. Five deviations of a normal distribution are passed by 0.3 of a million, so
/// that a thousand good GPUs raise no alarm; a mean and its deviation could never flag one of
/// eight. NaN and infinity are left out.
std::optional<OutlierLine> outlier_line(const std::vector<double>& values, Better better);

/// Whether one more repeat is needed for a median whose own relative deviation is at most 1 %.
/// Source: the asymptotic deviation of a sample median, 1.2533 sigma / sqrt(n).
bool needs_another_repeat(const std::vector<double>& repeats, std::size_t most = 15);

}  // namespace warpstep::check
