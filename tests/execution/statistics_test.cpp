// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/statistics.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

using warpstep::execution::Statistics;
using warpstep::execution::summarize;

namespace {

bool all_nan(const Statistics& s) {
    return std::isnan(s.median) && std::isnan(s.min) && std::isnan(s.max) && std::isnan(s.p99) &&
           std::isnan(s.stddev);
}

}  // namespace

TEST_CASE("execution: statistics of samples in any order") {
    const Statistics s = summarize({4, 1, 3, 2});
    CHECK(s.median == 2.5);
    CHECK(s.min == 1);
    CHECK(s.max == 4);
    CHECK(s.p99 == doctest::Approx(3.97));
    CHECK(s.stddev == doctest::Approx(std::sqrt(5.0 / 3)));
    CHECK(summarize({3, 1, 2}).median == 2);
}

TEST_CASE("execution: the 99th percentile of 0 to 100 is 99") {
    std::vector<double> samples(101);
    std::iota(samples.begin(), samples.end(), 0.0);
    CHECK(summarize(samples).p99 == 99);
    CHECK(summarize(samples).median == 50);
}

TEST_CASE("execution: one sample is its own median and deviates by nothing") {
    const Statistics s = summarize({7});
    CHECK(s.median == 7);
    CHECK(s.min == 7);
    CHECK(s.max == 7);
    CHECK(s.p99 == 7);
    CHECK(s.stddev == 0);
}

TEST_CASE("execution: no samples are not a number, never 0") {
    CHECK(all_nan(summarize({})));
}

TEST_CASE("execution: one sample that is not a number spoils them all") {
    CHECK(all_nan(summarize({1, std::nan(""), 3})));
    CHECK(all_nan(summarize({std::nan("")})));
}
