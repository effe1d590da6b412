// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/outlier.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "runtime/check/rules.hpp"
#include "runtime/check/verdict.hpp"

using namespace warpstep;
using check::Better;

namespace {

/// Measured as a check does: repeats until the noise of their median is small.
double measured(double truth, double noise, std::mt19937_64& random) {
    std::normal_distribution<double> one(1, noise);
    std::vector<double> repeats;
    do {
        repeats.push_back(truth * one(random));
    } while (check::needs_another_repeat(repeats));
    return check::median_of(repeats);
}

check::Facts step_of(int gpus, int slow, double noise, std::mt19937_64& random) {
    check::Facts facts;
    for (int gpu = 0; gpu < gpus; ++gpu) {
        check::Sample sample;
        sample.probe = "triad";
        sample.model = "a model without a floor";
        sample.unit = "B/s";
        sample.places = {{"n", gpu, "GPU-" + std::to_string(gpu), "", ""}};
        sample.verified = true;
        sample.value = measured(gpu == slow ? 2.7e12 : 3.0e12, noise, random);
        facts.samples.push_back(sample);
    }
    return facts;
}

struct Score {
    int found = 0, false_alarms = 0;  ///< runs
};

/// Through the rule itself.
Score simulate(int runs, int gpus, double noise) {
    const check::Rule* rule = check::find_rule("perf-hbm");
    REQUIRE(rule != nullptr);
    std::mt19937_64 random(17);
    Score score;
    for (int run = 0; run < runs; ++run) {
        const int slow = run % gpus;
        bool found = false, wrong = false;
        for (const check::Finding& finding :
             check::judge(step_of(gpus, slow, noise, random), {rule}).findings) {
            if (finding.verdict != check::Verdict::fail) continue;
            const bool is_slow = finding.subject.gpu_uuid == "GPU-" + std::to_string(slow);
            (is_slow ? found : wrong) = true;
        }
        score.found += found ? 1 : 0;
        score.false_alarms += wrong ? 1 : 0;
    }
    return score;
}

}  // namespace

TEST_CASE("check: median and robust deviation ignore what is not finite") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(check::median_of({3, 1, nan, 2}) == 2);
    CHECK(check::median_of({4, 1, 2, 3}) == 2.5);
    CHECK(std::isnan(check::median_of({})));
    CHECK(check::robust_deviation({1, 2, 3, 4, 100}) == doctest::Approx(1.4826));
}

TEST_CASE("check: the outlier line is at least 3 % from the median, and needs four peers") {
    CHECK_FALSE(check::outlier_line({1, 1, 1}, Better::higher));
    const auto line = check::outlier_line({100, 100, 100, 90}, Better::higher);
    REQUIRE(line);
    CHECK(line->line == doctest::Approx(97));
    CHECK(line->is_outlier(90));
    CHECK_FALSE(line->is_outlier(98));
    const auto times = check::outlier_line({100, 100, 100, 110}, Better::lower);
    REQUIRE(times);
    CHECK(times->line == doctest::Approx(103));
    CHECK(times->is_outlier(110));
}

TEST_CASE("check: repeats go on until their median is certain to 1 %") {
    CHECK(check::needs_another_repeat({}));
    CHECK(check::needs_another_repeat({1, 1}));
    CHECK_FALSE(check::needs_another_repeat({1, 1, 1}));
    CHECK(check::needs_another_repeat({1, 1.2, 0.8}));
    CHECK_FALSE(check::needs_another_repeat(std::vector<double>(15, 1.0)));
    std::vector<double> wild{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    CHECK_FALSE(check::needs_another_repeat(wild));
}

TEST_CASE("check: among 1,024 GPUs one that is 10 % slow is found, and good ones are left alone") {
    constexpr int runs = 300;
    const Score score = simulate(runs, 1024, 0.01);
    MESSAGE("found in ", score.found, " of ", runs, " runs, false alarms in ", score.false_alarms);
    CHECK(score.found >= 0.95 * runs);
    CHECK(score.false_alarms <= 0.01 * runs);
}

TEST_CASE("check: among eight GPUs, too, where a mean and its deviation could flag none") {
    constexpr int runs = 2000;
    const Score score = simulate(runs, 8, 0.01);
    MESSAGE("found in ", score.found, " of ", runs, " runs, false alarms in ", score.false_alarms);
    CHECK(score.found >= 0.95 * runs);
    CHECK(score.false_alarms <= 0.01 * runs);
}
