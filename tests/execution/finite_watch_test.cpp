// SPDX-License-Identifier: Apache-2.0
// NaN and infinity in what a verdict rests on.
#include "runtime/execution/finite_watch.hpp"

#include <doctest/doctest.h>

#include "tests/support/run_workload.hpp"
#include "tests/support/several_devices.hpp"
#include "tests/support/solo.hpp"

using namespace warpstep;
using execution::JudgedExpectation;
using execution::Judgement;
using execution::Verdict;

namespace {

Judgement judged(const std::string& text) {
    const auto workload = test::parse("version: 1\nname: t\n" + text);
    test::Solo solo;
    return execution::judge(workload, {test::run_workload(workload, solo.machine())});
}

const JudgedExpectation* find(const Judgement& judgement, const std::string& that) {
    for (const auto& one : judgement.expectations) {
        if (one.that == that) return &one;
    }
    return nullptr;
}

// Doubled until it overflows: 2^(20 * turns).
std::string growing(int turns, const std::string& more, const std::string& buffer = "") {
    return "buffers: { w: { dtype: f32, count: 5, init: 1" + buffer +
           " } }\nsteps:\n  - name: grow\n    for_each: [ { turn: range(" + std::to_string(turns) +
           ") } ]\n    steps:\n"
           "      - { name: more, run: scale, with: { buffer: w, factor: 1048576 } }\n" +
           more;
}

const std::string shown = "report: { values: [w] }\n";

}  // namespace

TEST_CASE("execution: infinity in a buffer that the report shows fails, with the turn") {
    CHECK(judged(growing(3, shown)).verdict == Verdict::passed);
    const Judgement result = judged(growing(20, shown));
    CHECK(result.verdict == Verdict::failed);
    CHECK(result.exit_code == ExitCode::failed);
    const auto* found = find(result, "w holds finite numbers");
    REQUIRE(found != nullptr);
    CHECK(found->where.find("report.values reads w: w[0] is infinite") != std::string::npos);
}

TEST_CASE("execution: a buffer that says finite: false may hold anything") {
    CHECK(judged(growing(20, shown, ", finite: false")).verdict == Verdict::passed);
    CHECK(judged(growing(20, shown, ", finite: true")).verdict == Verdict::failed);
}

TEST_CASE("execution: a buffer that nobody reads for a verdict may hold anything") {
    CHECK(judged(growing(20, "")).verdict == Verdict::passed);
}

TEST_CASE("execution: infinity is nothing that an expectation is met by") {
    const Judgement result = judged(growing(20, "expect: [ max_abs(w) > 3 ]\n"));
    CHECK(result.verdict == Verdict::failed);
    REQUIRE(find(result, "w holds finite numbers") != nullptr);
    CHECK(find(result, "w holds finite numbers")->where.find("max_abs(w) reads w") !=
          std::string::npos);
    CHECK(judged(growing(20, "expect: [ equal_on_all_ranks(w) ]\n")).verdict == Verdict::failed);
}

TEST_CASE("execution: NaN is met by no expectation, also where it is allowed") {
    const std::string difference =
        "  - { name: away, run: scale, with: { buffer: w, factor: 0 } }\n"
        "expect: [ \"not (max_abs(w) > 3)\" ]\n";
    CHECK(judged(growing(20, difference)).verdict == Verdict::failed);
    CHECK(judged(growing(20, difference, ", finite: false")).verdict == Verdict::unknown);
}

TEST_CASE("execution: a training that diverges fails though it expects nothing") {
    const auto training = [](int epochs) {
        return "datasets: { train: { generate: { linear: { samples: 64, features: 4 } }, batch: { "
               "global: 64 } } }\nbuffers: { w: { count: 4 }, grad: { count: 4 } }\nsteps:\n"
               "  - name: train\n    for_each: [ { epoch: range(" +
               std::to_string(epochs) +
               ") }, { batch: train } ]\n    steps:\n"
               "      - { name: gradient, run: linear.gradient, with: { data: batch, w: w, grad: "
               "grad } }\n"
               "      - { name: update, run: axpy, with: { alpha: -1, x: grad, y: w } }\n"
               "  - { name: evaluate, run: linear.evaluate, with: { data: train, w: w } }\n";
    };
    CHECK(judged(training(2)).verdict == Verdict::passed);
    const Judgement result = judged(training(200));
    CHECK(result.verdict == Verdict::failed);
    const auto* mse = find(result, "mse is a finite number");
    REQUIRE(mse != nullptr);
    CHECK(mse->step == "evaluate");
    CHECK(mse->value == "NaN");
    REQUIRE(find(result, "w holds finite numbers") != nullptr);
    CHECK(find(result, "w holds finite numbers")->where.find("mse of 'evaluate' reads w: w[") !=
          std::string::npos);
    CHECK(result.steps.back().missing.at("r2") == "mse is no finite number");
}

TEST_CASE("execution: a step that may fail may diverge") {
    const Judgement result = judged(
        "datasets: { train: { generate: { linear: { samples: 64, features: 2 } }, batch: { global: "
        "64 } } }\nbuffers: { w: { count: 2, init: 1e38, finite: false } }\nsteps:\n"
        "  - { name: large, run: scale, with: { buffer: w, factor: 1e38 } }\n"
        "  - { name: evaluate, run: linear.evaluate, continue_on_error: true, with: { data: train, "
        "w: w } }\n");
    CHECK(result.verdict == Verdict::passed);
    REQUIRE(find(result, "mse is a finite number") != nullptr);
    CHECK(find(result, "mse is a finite number")->verdict == Verdict::allowed);
}

TEST_CASE("execution: numbers that cannot be computed are UNKNOWN where they are asked for") {
    const std::string alone =
        "buffers: { x: { count: 8, init: 1 }, e: { count: 0 } }\nsteps:\n"
        "  - { name: never, if: rank == 7, run: fill, with: { buffer: x, value: 1 } }\n"
        "  - { name: sum, run: all_reduce, with: { buffer: x } }\n"
        "  - { name: none, run: fill, with: { buffer: e, value: 1 } }\n";
    const Judgement quiet = judged(alone);
    CHECK(quiet.verdict == Verdict::passed);
    CHECK(quiet.steps[1].missing.at("busbw") == "one member sends nothing over a link");
    for (const auto& asked_for :
         {std::pair{"steps.sum.busbw > 1B/s", "one member sends nothing over a link"},
          std::pair{"steps.none.bandwidth > 1B/s", "no bytes were moved here"},
          std::pair{"steps.never.time.median < 1s", "step 'never' did not run there"}}) {
        const std::string that = asked_for.first;
        INFO(that);
        const Judgement asked = judged(alone + "expect: [ " + that + " ]\n");
        CHECK(asked.verdict == Verdict::unknown);
        CHECK(asked.exit_code == ExitCode::no_verdict);
        CHECK(asked.expectations.back().where.find(asked_for.second) != std::string::npos);
    }
}

TEST_CASE("execution: every device of a task is looked at") {
    for (const char* type : {"f32", "f64"}) {
        INFO(type);
        const auto workload = test::parse(
            std::string("version: 1\nname: t\nbuffers: { x: { dtype: ") + type +
            ", count: 3000000, init: 1 } }\nsteps:\n  - name: all\n"
            "    for_each: [ { i: range(10) } ]\n    steps:\n      - { name: grow, device: 1, run: "
            "scale, with: { buffer: x, factor: 1e38 } }\nexpect: [ max_abs(x) > 0 ]\n");
        test::SeveralDevices task(2);
        const auto result = test::run_workload(workload, task.machines());
        REQUIRE(result.not_finite.size() == 1);
        CHECK(result.not_finite.at("x").find("x[0] is infinite") != std::string::npos);
    }
}
