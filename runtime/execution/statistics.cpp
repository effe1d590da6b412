// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace warpstep::execution {
namespace {

double quantile(const std::vector<double>& sorted, double q) {
    const double at = q * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

double sample_deviation(const std::vector<double>& samples) {
    if (samples.size() < 2) return 0;
    double mean = 0;
    for (const double x : samples) mean += x / static_cast<double>(samples.size());
    double sum = 0;
    for (const double x : samples) sum += (x - mean) * (x - mean);
    return std::sqrt(sum / static_cast<double>(samples.size() - 1));
}

}  // namespace

Statistics summarize(std::vector<double> samples) {
    const bool measured = std::none_of(samples.begin(), samples.end(),
                                       [](double sample) { return std::isnan(sample); });
    if (samples.empty() || !measured) {
        constexpr double nan = std::numeric_limits<double>::quiet_NaN();
        return {nan, nan, nan, nan, nan};
    }
    std::sort(samples.begin(), samples.end());
    return {quantile(samples, 0.5), samples.front(), samples.back(), quantile(samples, 0.99),
            sample_deviation(samples)};
}

}  // namespace warpstep::execution
