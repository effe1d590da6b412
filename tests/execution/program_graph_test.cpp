// SPDX-License-Identifier: Apache-2.0
// Streams, needs and graphs on the host device; tests/device has those of CUDA.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/run_workload.hpp"
#include "tests/support/solo.hpp"
#include "tests/support/source_dir.hpp"

using namespace warpstep;
using execution::RankResult;
using execution::StepResult;
using execution::Verdict;

namespace {

workload::Workload config(const std::string& name, const std::vector<std::string>& overrides = {}) {
    return workload::load_workload(test::source_dir() + "/configs/" + name, overrides,
                                   plan::operations());
}

RankResult run(const workload::Workload& workload) {
    test::Solo solo;
    return test::run_workload(workload, solo.machine());
}

const StepResult& step_of(const RankResult& result, const std::string& name) {
    const auto it = std::find_if(result.steps.begin(), result.steps.end(),
                                 [&](const StepResult& s) { return s.name == name; });
    REQUIRE(it != result.steps.end());
    return *it;
}

double metric(const StepResult& step, const std::string& name) {
    for (const auto& metric : step.metrics) {
        if (metric.name == name) return metric.statistics.median;
    }
    FAIL("no metric ", name);
    return 0;
}

// Doubles y ten times inside a graph, or without one.
std::string doubling(const std::string& container) {
    return R"(version: 1
name: t
buffers: { y: { dtype: f64, count: 5, init: 1 } }
steps:
  - name: all
    )" + container +
           R"(
    steps:
      - { name: one, run: scale, with: { buffer: y, factor: 2 } }
      - { name: two, run: scale, with: { buffer: y, factor: 2 } }
report: { values: [y] }
)";
}

}  // namespace

TEST_CASE("execution: a graph computes what its steps compute") {
    const auto graph = run(test::parse(doubling("graph: { launches: 5 }")));
    const auto loop = run(test::parse(doubling("for_each: [ { i: range(5) } ]")));
    CHECK(graph.values.at("y") == std::vector<double>(5, 1024));
    CHECK(graph.values == loop.values);
    CHECK(step_of(graph, "all").launches == 5);
}

TEST_CASE("execution: warm-up launches of a graph count for the data, not for the time") {
    const auto result = run(test::parse(doubling("graph: { launches: 2, warmup: 3 }")));
    CHECK(result.values.at("y") == std::vector<double>(5, 1024));
    CHECK(step_of(result, "all").launches == 2);
}

TEST_CASE("execution: a graph tells what it gains and what it cannot beat") {
    const auto workload = config("graph.yaml", {"turns=3"});
    const auto result = run(workload);
    const StepResult& chain = step_of(result, "chain");
    CHECK(chain.numbers.at("kernels") == 8);
    CHECK(metric(chain, "serial_time") > 0);
    CHECK(metric(chain, "critical_path") == doctest::Approx(metric(chain, "serial_time")));
    CHECK(metric(chain, "time_per_kernel") == doctest::Approx(metric(chain, "time") / 8));
    CHECK(chain.numbers.at("launch_gain") ==
          doctest::Approx(metric(chain, "serial_time") / metric(chain, "time")));
    CHECK(execution::judge(workload, {result}).verdict == Verdict::passed);
}

TEST_CASE("execution: on several streams the critical path is shorter than all steps together") {
    const auto workload = config("copy-compute-overlap.yaml", {"n=32"});
    const auto result = run(workload);
    const StepResult& pipeline = step_of(result, "pipeline");
    CHECK(metric(pipeline, "critical_path") < metric(pipeline, "serial_time"));
    const auto judged = execution::judge(workload, {result});
    CHECK(judged.verdict == Verdict::passed);
    REQUIRE(judged.verify.size() == 2);
    CHECK(judged.verify[0].rule == "reference gemm.naive");
    CHECK(judged.verify[1].rule == "same as y0");
    CHECK(judged.expectations[0].verdict == Verdict::skipped);
}

TEST_CASE("execution: a wrong graph is found by its own verification") {
    auto workload = config("graph.yaml", {"turns=1"});
    workload.steps[0].steps[2].run = "stream.copy";
    workload.steps[0].steps[2].with.erase("b");
    const auto result = run(workload);
    const auto judged = execution::judge(workload, {result});
    CHECK(judged.verdict == Verdict::failed);
    CHECK(judged.verify[0].verdict == Verdict::failed);
}

TEST_CASE("execution: two streams double two arrays") {
    const auto workload = config("two-streams.yaml", {"n=1000", "times=7"});
    const auto result = run(workload);
    CHECK(execution::judge(workload, {result}).verdict == Verdict::passed);
    CHECK(step_of(result, "double-a").launches == 7);
}

TEST_CASE("execution: a reference needs a step that writes the buffer") {
    const auto workload = test::parse(R"(version: 1
name: t
buffers:
  a: { dtype: f32, shape: [2, 2] }
  c: { dtype: f32, shape: [2, 2] }
steps:
  - { name: multiply, run: gemm, with: { a: a, b: a, c: c }, verify: { a: { reference: gemm.naive } } }
)");
    const std::string text = test::refusal_of([&] { run(workload); });
    CHECK(text.find("step 'multiply' does not write 'a'") != std::string::npos);
}

TEST_CASE("execution: a result that differs from its reference fails with the element") {
    auto workload = test::parse(R"(version: 1
name: t
buffers:
  a: { dtype: f32, shape: [3, 3], init: iota }
  c: { dtype: f32, shape: [3, 3] }
steps:
  - { name: multiply, run: gemm, with: { a: a, b: a, c: c, alpha: 2 }, verify: { c: { reference: gemm.naive, exact: true } } }
)");
    CHECK(execution::judge(workload, {run(workload)}).verdict == Verdict::passed);
    workload.steps[0].verify[0].reference = "gemm";
    CHECK(execution::judge(workload, {run(workload)}).verdict == Verdict::passed);
}

TEST_CASE("execution: what a step with continue_on_error misses is allowed and shown") {
    const auto workload = test::parse(R"(version: 1
name: t
buffers: { a: { dtype: f32, count: 4, init: 1 } }
steps:
  - name: wrong
    run: scale
    continue_on_error: true
    with: { buffer: a, factor: 2 }
    verify: { a: { equals: 3 } }
    expect: [ launches == 7, "steps.never.time > 1s" ]
  - { name: never, if: rank == 7, run: fill, with: { buffer: a, value: 1 } }
  - { name: right, run: scale, with: { buffer: a, factor: 2 }, verify: { a: { equals: 4 } } }
)");
    const auto judged = execution::judge(workload, {run(workload)});
    CHECK(judged.verdict == Verdict::passed);
    REQUIRE(judged.verify.size() == 2);
    CHECK(judged.verify[0].verdict == Verdict::allowed);
    CHECK(judged.verify[1].verdict == Verdict::passed);
    REQUIRE(judged.expectations.size() == 2);
    for (const auto& e : judged.expectations) CHECK(e.verdict == Verdict::allowed);
    CHECK(execution::name_of(Verdict::allowed) == "failed (allowed)");
}
