// SPDX-License-Identifier: Apache-2.0
// Whole workloads on one rank.
#include "runtime/execution/program.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/run_workload.hpp"
#include "tests/support/solo.hpp"
#include "tests/support/temporary_folder.hpp"

#include "runtime/base/file.hpp"
#include "tests/support/source_dir.hpp"

using namespace warpstep;
using execution::Judgement;
using execution::RankResult;
using execution::StepResult;
using execution::Verdict;

namespace {

struct Ran {
    RankResult result;
    Judgement judgement;

    const StepResult& step(const std::string& name) const {
        for (const auto& step : result.steps) {
            if (step.name == name) return step;
        }
        throw std::runtime_error("no step " + name);
    }
    const std::vector<double>& values(const std::string& buffer) const {
        return result.values.at(buffer);
    }
};

Ran run(const workload::Workload& workload) {
    test::Solo solo;
    Ran ran;
    ran.result = test::run_workload(workload, solo.machine());
    ran.judgement = execution::judge(workload, {ran.result});
    return ran;
}

Ran run(const std::string& text) {
    return run(test::parse("version: 1\nname: t\n" + text));
}

std::string triad(const std::string& equals) {
    return R"(
buffers:
  a: { dtype: f64, count: 50001 }
  b: { dtype: f64, count: 50001, init: { random: uniform, seed: 1 } }
  c: { dtype: f64, count: 50001, init: { random: uniform, seed: 2 } }
steps:
  - name: triad
    run: stream.triad
    with: { a: a, b: b, c: c, scalar: 0.4 }
    repeat: { warmup: 1, times: 5 }
    verify: { a: { equals: )" +
           equals + R"(, ulp: 1 } }
    expect: [ bandwidth.median > 0B/s, launches == 5 ]
)";
}

}  // namespace

TEST_CASE("execution: a right triad passes and is measured") {
    const Ran ran = run(triad("b + 0.4 * c"));
    CHECK(ran.judgement.verdict == Verdict::passed);
    const StepResult& step = ran.step("triad");
    CHECK(step.ran);
    CHECK(step.launches == 5);
    REQUIRE(step.verify.size() == 1);
    CHECK(step.verify[0].passed);
    CHECK(step.verify[0].worst_ulp <= 1);
    REQUIRE(step.metrics.size() == 3);
    const double time = step.metrics[0].statistics.median;
    CHECK(step.metrics[1].name == "bandwidth");
    CHECK(step.metrics[1].statistics.median == doctest::Approx(3 * 50'001 * 8 / time));
    CHECK(step.metrics[2].name == "flops");
    CHECK(step.metrics[2].statistics.median == doctest::Approx(2 * 50'001 / time));
}

TEST_CASE("execution: a wrong reference fails with the first element") {
    const Ran ran = run(triad("b + 0.5 * c"));
    CHECK(ran.judgement.verdict == Verdict::failed);
    CHECK(ran.judgement.exit_code == ExitCode::failed);
    REQUIRE(ran.judgement.verify.size() == 1);
    CHECK(ran.judgement.verify[0].detail.find("50001 of 50001 elements differ, first a[0]") !=
          std::string::npos);
}

TEST_CASE("execution: verification does not disturb a step that works in place") {
    const Ran ran = run(R"(
buffers:
  x: { count: 4, init: iota }
  y: { count: 4, init: 1 }
steps:
  - name: add
    run: axpy
    with: { alpha: 1, x: x, y: y }
    repeat: { warmup: 2, times: 3 }
    verify: { y: { equals: before(y) + index, exact: true } }
report: { values: [y] }
)");
    CHECK(ran.judgement.verdict == Verdict::passed);
    CHECK(ran.values("y") == std::vector<double>{1, 6, 11, 16});  // 5 runs after the verified one
}

TEST_CASE("execution: a container verifies what its steps did together") {
    const Ran ran = run(R"(
buffers:
  x: { count: 3, init: 2 }
  y: { count: 3, init: iota }
steps:
  - name: all
    for_each: [ { i: range(10) } ]
    steps: [ { name: add, run: axpy, with: { alpha: i, x: x, y: y } } ]
    verify: { y: { equals: before(y) + 45 * x, exact: true } }
)");
    CHECK(ran.judgement.verdict == Verdict::passed);
    CHECK(ran.step("all").verify.size() == 1);
    CHECK(ran.step("add").launches == 10);
    REQUIRE(ran.step("all").metrics.size() == 1);
    CHECK(ran.step("all").metrics[0].name == "time");
}

TEST_CASE("execution: loops nest, and their variables are numbers of the steps inside") {
    const Ran ran = run(R"(
params: { turns: 3 }
buffers:
  one: { dtype: f64, count: 1, init: 1 }
  sum: { dtype: f64, count: 1 }
steps:
  - name: loops
    for_each: [ { i: range(turns) }, { j: range(2) } ]
    steps: [ { name: add, run: axpy, with: { alpha: 10 * i + j, x: one, y: sum } } ]
  - name: never
    for_each: [ { i: range(turns - 3) } ]
    steps: [ { name: add-never, run: axpy, with: { alpha: 1000, x: one, y: sum } } ]
report: { values: [sum] }
)");
    CHECK(ran.values("sum") == std::vector<double>{63});
    CHECK(ran.step("add").launches == 6);
    CHECK(ran.step("add-never").launches == 0);
    CHECK(ran.step("add-never").metrics.empty());
}

TEST_CASE("execution: a step whose condition is false does not run") {
    const Ran ran = run(R"(
buffers: { b: { dtype: i32, count: 2 } }
steps:
  - { name: no, if: ranks > 1, run: fill, with: { buffer: b, value: 1 }, expect: [ time > 0s ] }
  - { name: yes, if: ranks == 1, run: fill, with: { buffer: b, value: 2 } }
report: { values: [b] }
)");
    CHECK(ran.values("b") == std::vector<double>{2, 2});
    CHECK_FALSE(ran.step("no").ran);
    CHECK(ran.step("yes").ran);
    CHECK(ran.judgement.expectations[0].verdict == Verdict::skipped);
}

TEST_CASE("execution: one rank has no bus bandwidth, so expectations on it are unknown") {
    const Ran ran = run(R"(
buffers: { b: { count: 1000, init: 3 } }
steps:
  - name: sum
    run: all_reduce
    with: { buffer: b, op: sum }
    repeat: { times: 3 }
    verify: { b: { equals: ranks * before(b), exact: true } }
    expect: [ busbw >= 0B/s ]
)");
    CHECK(ran.step("sum").verify[0].passed);
    CHECK(ran.judgement.verdict == Verdict::unknown);
    CHECK(ran.judgement.exit_code == ExitCode::no_verdict);
}

TEST_CASE("execution: two loops may call their batch alike") {
    const test::TemporaryFolder folder;
    write_file_atomically(folder / "few.csv", "x,y\n1,0\n2,0\n3,0\n");
    write_file_atomically(folder / "many.csv", "x,y\n1,0\n2,0\n3,0\n4,0\n5,0\n");
    const Ran ran = run("datasets:\n  few: { file: " + (folder / "few.csv") +
                        R"(, target: y, batch: { global: 3 } }
  many: { file: )" + (folder / "many.csv") +
                        R"(, target: y, batch: { global: 5 } }
buffers:
  w: { count: 1, init: 1 }
  first: { count: 1 }
  second: { count: 1 }
steps:
  - name: one
    for_each: [ { batch: few } ]
    steps: [ { name: g1, run: linear.gradient, with: { data: batch, w: w, grad: first } } ]
  - name: two
    for_each: [ { batch: many } ]
    steps: [ { name: g2, run: linear.gradient, with: { data: batch, w: w, grad: second } } ]
report: { values: [first, second] }
)");
    CHECK(ran.values("first") == std::vector<double>{2 * 14});
    CHECK(ran.values("second") == std::vector<double>{2 * 55});
}

TEST_CASE("execution: the order of rows follows the epoch loop around them, not an earlier one") {
    const test::TemporaryFolder folder;
    write_file_atomically(folder / "t.csv", "x,y\n1,0\n2,0\n3,0\n4,0\n5,0\n6,0\n7,0\n8,0\n9,0\n");
    const std::string head = "datasets:\n  train: { file: " + (folder / "t.csv") +
                             R"(, target: y, batch: { global: 1 }, shuffle: { seed: 4 } }
buffers: { w: { count: 1, init: 1 }, grad: { count: 1 } }
steps:
)";
    const std::string epochs = R"(
  - name: train
    for_each: [ { epoch: range(3) }, { batch: train } ]
    steps: [ { name: g1, run: linear.gradient, with: { data: batch, w: w, grad: grad } } ]
)";
    const std::string once = R"(
  - name: once
    for_each: [ { batch: train } ]
    steps: [ { name: g2, run: linear.gradient, with: { data: batch, w: w, grad: grad } } ]
report: { values: [grad] }
)";
    CHECK(run(head + epochs + once).values("grad") == run(head + once).values("grad"));
}

TEST_CASE("execution: SGD on the diabetes data reaches the least-squares fit") {
    const auto workload = workload::load_workload(
        test::source_dir() + "/configs/data-parallel-sgd.yaml", {}, plan::operations());
    const Ran ran = run(workload);
    CHECK(ran.judgement.verdict == Verdict::passed);
    const auto& numbers = ran.step("fit").numbers;
    CHECK(numbers.at("mse") >= 2859.69);
    CHECK(numbers.at("mse") <= 2888.29);
    CHECK(numbers.at("r2") >= 0.5129);
    CHECK(numbers.at("r2") <= 0.517749);
    CHECK(ran.values("w").size() == 11);
    CHECK(ran.step("gradient").launches == 200 * 7);
}
