// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/judge.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "runtime/execution/all_ranks_scope.hpp"

using namespace warpstep;
using namespace warpstep::execution;
using workload::Expression;

namespace {

workload::Expectation expect(const std::string& that, const std::string& when = "") {
    return {Expression::parse(that, {"f.yaml", 9, 5}),
            when.empty() ? std::nullopt : std::optional(Expression::parse(when))};
}

// A workload of one step "triad".
workload::Workload workload_with(std::vector<workload::Expectation> at_step,
                                 std::vector<workload::Expectation> at_end = {}) {
    workload::Workload workload;
    workload.steps.resize(1);
    workload.steps[0].name = "triad";
    workload.steps[0].run = "stream.triad";
    workload.steps[0].expect = std::move(at_step);
    workload.expect = std::move(at_end);
    return workload;
}

RankResult rank_result(int rank, double bandwidth, std::vector<VerifyResult> verify = {}) {
    RankResult result;
    result.place.rank = rank;
    result.place.node_name = "n" + std::to_string(rank + 1);
    StepResult step;
    step.name = "triad";
    step.run = "stream.triad";
    step.ran = true;
    step.launches = 10;
    const double time = 1 / bandwidth;
    step.metrics = {{"time", workload::unit_seconds, {time, time, time, time, 0}},
                    {"bandwidth",
                     workload::unit_bytes_per_second,
                     {bandwidth, bandwidth, bandwidth, bandwidth, 0}}};
    step.verify = std::move(verify);
    result.steps = {step};
    result.names = {{"rank", plan::count_value(rank)}, {"device.kind", plan::text_value("host")}};
    add_result_names(result.steps, result.names);
    return result;
}

std::vector<RankResult> three_ranks(double last = 100) {
    return {rank_result(0, 100), rank_result(1, 90), rank_result(2, last)};
}

}  // namespace

TEST_CASE("execution: an expectation that holds on every rank passes") {
    const auto judgement = judge(workload_with({expect("bandwidth.median >= 80B/s")},
                                               {expect("steps.triad.launches == 10")}),
                                 three_ranks());
    CHECK(judgement.verdict == Verdict::passed);
    CHECK(judgement.exit_code == ExitCode::passed);
    REQUIRE(judgement.expectations.size() == 2);
    CHECK(judgement.expectations[0].verdict == Verdict::passed);
    CHECK(judgement.expectations[0].step == "triad");
    CHECK(judgement.expectations[0].value == "100 B/s");
    CHECK(judgement.expectations[1].step.empty());
    CHECK(judgement.expectations[1].value == "10");
}

TEST_CASE("execution: an expectation that fails on one rank fails and names it") {
    const auto judgement =
        judge(workload_with({expect("bandwidth.median >= 80B/s")}), three_ranks(70));
    CHECK(judgement.verdict == Verdict::failed);
    CHECK(judgement.exit_code == ExitCode::failed);
    CHECK(judgement.expectations[0].where == "rank 2 on n3");
    CHECK(judgement.expectations[0].value == "70.0 B/s");
}

TEST_CASE("execution: what was not measured is unknown, never passed") {
    for (const std::string that : {"busbw.median >= 0", "spread(busbw) <= 1", "worst(busbw) == 0",
                                   "mse <= 1", "bandwidth.median >= 1s", "speed(bandwidth) > 1"}) {
        CAPTURE(that);
        const auto judgement = judge(workload_with({expect(that)}), three_ranks());
        CHECK(judgement.verdict == Verdict::unknown);
        CHECK(judgement.exit_code == ExitCode::no_verdict);
        CHECK(!judgement.expectations[0].where.empty());
    }
    const auto judgement = judge(workload_with({expect("busbw.median >= 0")}), three_ranks());
    CHECK(judgement.expectations[0].where.starts_with("f.yaml:9:5: unknown name 'busbw.median'"));
}

TEST_CASE("execution: a value that is not a number is unknown") {
    auto ranks = three_ranks(std::nan(""));
    for (const std::string that : {"bandwidth.median >= 0B/s", "bandwidth.median != 0B/s",
                                   "spread(bandwidth.median) <= 3%"}) {
        CAPTURE(that);
        CHECK(judge(workload_with({expect(that)}), ranks).verdict == Verdict::unknown);
    }
    ranks[0].steps[0].numbers = {{"mse", std::nan("")}, {"r2", 0.5}};
    add_result_names(ranks[0].steps, ranks[0].names);
    CHECK(ranks[0].names.count("steps.triad.mse") == 0);
    CHECK(ranks[0].names.count("steps.triad.r2") == 1);
}

TEST_CASE("execution: when decides whether an expectation counts") {
    auto judgement = judge(
        workload_with({expect("bandwidth.median >= 1TB/s", "device.kind == cuda")}), three_ranks());
    CHECK(judgement.expectations[0].verdict == Verdict::skipped);
    CHECK(judgement.verdict == Verdict::passed);
    judgement =
        judge(workload_with({expect("bandwidth.median >= 95B/s", "rank == 1")}), three_ranks());
    CHECK(judgement.verdict == Verdict::failed);
    CHECK(judgement.expectations[0].where == "rank 1 on n2");
    CHECK(judge(workload_with({expect("rank >= 0", "nonsense")}), three_ranks()).verdict ==
          Verdict::unknown);
}

TEST_CASE("execution: failed beats unknown beats passed") {
    const auto passed = expect("rank >= 0");
    const auto unknown = expect("busbw > 1");
    const auto failed = expect("rank < 0");
    CHECK(judge(workload_with({unknown, failed, passed}), three_ranks()).verdict ==
          Verdict::failed);
    CHECK(judge(workload_with({passed, unknown, passed}), three_ranks()).verdict ==
          Verdict::unknown);
    CHECK(judge(workload_with({}), three_ranks()).verdict == Verdict::passed);
    // Unknown on rank 0, failed on rank 2.
    auto ranks = three_ranks(70);
    ranks[0].names.erase("steps.triad.bandwidth.median");
    const auto mixed = judge(workload_with({expect("bandwidth.median >= 80B/s")}), ranks);
    CHECK(mixed.verdict == Verdict::failed);
    CHECK(mixed.expectations[0].where == "rank 2 on n3");
}

TEST_CASE("execution: a step's expectations count on the ranks that ran it") {
    auto ranks = three_ranks(70);
    ranks[2].steps[0].ran = false;
    const auto workload = workload_with({expect("bandwidth.median >= 80B/s")});
    auto judgement = judge(workload, ranks);
    CHECK(judgement.verdict == Verdict::passed);
    CHECK(judgement.steps[0].ranks == 2);
    for (auto& rank : ranks) rank.steps[0].ran = false;
    judgement = judge(workload, ranks);
    CHECK(judgement.expectations[0].verdict == Verdict::skipped);
    CHECK(judgement.steps[0].ranks == 0);
}

TEST_CASE("execution: a verification that fails on one rank fails and names it") {
    const VerifyResult good{"a", "equals b", true, "", 0.5, ""};
    const VerifyResult bad{"a", "equals b", false, "1 of 4 elements differ", 3, ""};
    const auto judgement =
        judge(workload_with({}),
              {rank_result(0, 1, {good}), rank_result(1, 1, {bad}), rank_result(2, 1, {good})});
    CHECK(judgement.verdict == Verdict::failed);
    CHECK(judgement.exit_code == ExitCode::failed);
    REQUIRE(judgement.verify.size() == 1);
    CHECK(judgement.verify[0].detail == "rank 1 on n2: 1 of 4 elements differ");
    CHECK(judgement.verify[0].worst_ulp == 3);
}

TEST_CASE("execution: a hash that differs on one rank fails and names it") {
    const VerifyResult one{"w", "same on all ranks", true, "", 0, "aaaa"};
    const VerifyResult other{"w", "same on all ranks", true, "", 0, "bbbb"};
    const auto same =
        judge(workload_with({}), {rank_result(0, 1, {one}), rank_result(1, 1, {one})});
    CHECK(same.verdict == Verdict::passed);
    const auto judgement =
        judge(workload_with({}),
              {rank_result(0, 1, {one}), rank_result(1, 1, {one}), rank_result(2, 1, {other})});
    CHECK(judgement.verdict == Verdict::failed);
    CHECK(judgement.verify[0].detail == "rank 2 on n3: w differs from that of rank 0");
}

TEST_CASE("execution: spread and worst look at all ranks") {
    const auto ranks = three_ranks(60);  // 100, 90, 60: spread 40/90
    const AllRanksScope inside(ranks, 1, "triad");
    CHECK(Expression::parse("spread(bandwidth.median)").evaluate_number(inside) ==
          doctest::Approx(40.0 / 90));
    CHECK(Expression::parse("worst(bandwidth)").evaluate_count(inside) == 2);
    CHECK(Expression::parse("worst(time)").evaluate_count(inside) == 2);
    CHECK(Expression::parse("rank").evaluate_count(inside) == 1);
    const AllRanksScope outside(ranks, 1, "");
    CHECK_THROWS_AS(Expression::parse("spread(bandwidth)").evaluate(outside), ConfigError);
    CHECK(Expression::parse("spread(steps.triad.bandwidth)").evaluate_number(outside) > 0.4);
    CHECK(judge(workload_with({expect("spread(bandwidth.median) <= 3%")}), ranks).verdict ==
          Verdict::failed);
}

TEST_CASE("execution: metrics are summed up over the ranks, with the slowest named") {
    const auto judgement = judge(workload_with({}), three_ranks(60));
    REQUIRE(judgement.steps.size() == 1);
    const JudgedStep& step = judgement.steps[0];
    CHECK(step.ranks == 3);
    CHECK(step.launches == 10);
    REQUIRE(step.metrics.size() == 2);
    CHECK(step.metrics[0].name == "time");
    CHECK(step.metrics[0].slowest_rank == 2);
    CHECK(step.metrics[0].max == doctest::Approx(1 / 60.0));
    CHECK(step.metrics[1].median == 90);
    CHECK(step.metrics[1].min == 60);
    CHECK(step.metrics[1].max == 100);
    CHECK(step.metrics[1].slowest_rank == 2);
    CHECK(step.metrics[1].first.median == 100);
}
