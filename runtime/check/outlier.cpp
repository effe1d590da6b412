// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/outlier.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace warpstep::check {
namespace {

constexpr double least_share = 0.03, deviations = 5, normal_scale = 1.4826;
constexpr double wanted_noise = 0.01, median_scale = 1.2533;
constexpr std::size_t fewest_repeats = 3;

}  // namespace

double median_of(std::vector<double> values) {
    values.erase(std::remove_if(values.begin(), values.end(),
                                [](double value) { return !std::isfinite(value); }),
                 values.end());
    if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1) return *middle;
    return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

double robust_deviation(const std::vector<double>& values) {
    const double middle = median_of(values);
    std::vector<double> distances;
    for (const double value : values) {
        if (std::isfinite(value)) distances.push_back(std::abs(value - middle));
    }
    return normal_scale * median_of(std::move(distances));
}

std::optional<OutlierLine> outlier_line(const std::vector<double>& values, Better better) {
    const auto finite = static_cast<std::size_t>(std::count_if(
        values.begin(), values.end(), [](double value) { return std::isfinite(value); }));
    if (finite < fewest_peers) return std::nullopt;
    const double median = median_of(values);
    if (!(median > 0)) return std::nullopt;
    const double share = std::max(least_share, deviations * robust_deviation(values) / median);
    const double line = better == Better::higher ? median * (1 - share) : median * (1 + share);
    return OutlierLine{median, line, better};
}

bool needs_another_repeat(const std::vector<double>& repeats, std::size_t most) {
    if (repeats.size() < fewest_repeats) return true;
    if (repeats.size() >= most) return false;
    const double median = median_of(repeats);
    if (!(median > 0)) return false;
    const double noise = median_scale * robust_deviation(repeats) /
                         (median * std::sqrt(static_cast<double>(repeats.size())));
    return noise > wanted_noise;
}

}  // namespace warpstep::check
