// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

namespace warpstep::execution {

/// What is reported of a set of samples. All fields are NaN when there are no samples or one of
/// them is NaN.
struct Statistics {
    double median, min, max, p99, stddev;
};

/// Median and p99 by linear interpolation between closest ranks; stddev of the sample (n - 1), 0
/// for one sample. Source: Hyndman and Fan (1996), definition 7.
Statistics summarize(std::vector<double> samples);

}  // namespace warpstep::execution
