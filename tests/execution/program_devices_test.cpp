// SPDX-License-Identifier: Apache-2.0
// Several devices of one task: copies of the buffers, batches split over them, `device:`.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/run_workload.hpp"
#include "tests/support/several_devices.hpp"
#include "tests/support/source_dir.hpp"

using namespace warpstep;
using execution::RankResult;
using execution::Verdict;

namespace {

RankResult run(const workload::Workload& workload, int devices) {
    test::SeveralDevices task(devices);
    return test::run_workload(workload, task.machines());
}

Verdict verdict_of(const workload::Workload& workload, const RankResult& result) {
    return execution::judge(workload, {result}).verdict;
}

workload::Workload config(const std::string& name, const std::vector<std::string>& overrides = {}) {
    return workload::load_workload(test::source_dir() + "/configs/" + name, overrides,
                                   plan::operations());
}

const char* const two_matrices = R"(version: 1
name: t
buffers:
  a: { dtype: f32, count: 8, init: 1 }
  b: { dtype: f32, count: 8, init: 1 }
steps:
  - { name: first,  device: 0, run: scale, with: { buffer: a, factor: 3 }, verify: { a: { equals: 3 } } }
  - { name: second, device: 1, run: scale, with: { buffer: b, factor: 5 }, verify: { b: { equals: 5 } } }
report: { values: [a, b] }
)";

}  // namespace

TEST_CASE("execution: one task with several devices learns what one device learns") {
    const auto workload = config("data-parallel-one-task.yaml");
    const RankResult one = run(workload, 1);
    for (const int devices : {2, 3, 5}) {
        const RankResult several = run(workload, devices);
        CHECK(verdict_of(workload, several) == Verdict::passed);
        const auto& expected = one.values.at("w");
        const auto& got = several.values.at("w");
        REQUIRE(got.size() == expected.size());
        for (std::size_t i = 0; i < got.size(); ++i) {
            CHECK(std::abs(got[i] - expected[i]) <= 1e-6 * std::max(1.0, std::abs(expected[i])));
        }
    }
}

TEST_CASE("execution: steps run on the device they name, each on its own copies") {
    const auto workload = test::parse(two_matrices);
    const RankResult result = run(workload, 2);
    CHECK(verdict_of(workload, result) == Verdict::passed);
    CHECK(result.place.notes.empty());
}

TEST_CASE("execution: with one device all work is done there, and a note says so") {
    const auto workload = test::parse(two_matrices);
    const RankResult result = run(workload, 1);
    CHECK(verdict_of(workload, result) == Verdict::passed);
    REQUIRE(result.place.notes.size() == 1);
    CHECK(result.place.notes[0] ==
          "step 'second' wants device 1 but the task has 1 (gpus_per_task gives more); it runs on "
          "device 0");
}

TEST_CASE("execution: two products on two devices or on one") {
    for (const int devices : {1, 2}) {
        const auto workload = config("two-products-devices.yaml", {"small=60", "large=91"});
        const RankResult result = run(workload, devices);
        CHECK(verdict_of(workload, result) == Verdict::passed);
        CHECK(result.place.notes.size() == (devices == 1 ? 1U : 0U));
    }
}

TEST_CASE("execution: a collective joins all devices of a task") {
    const auto workload = test::parse(R"(version: 1
name: t
buffers:
  mine: { dtype: f64, count: 4, init: device.index + 1 }
  all:  { dtype: f64, count: 4 * members }
steps:
  - { name: gather, run: all_gather, with: { from: mine, to: all }, verify: { all: { equals: floor(index / 4) + 1 } } }
  - { name: sum, run: all_reduce, with: { buffer: mine }, verify: { mine: { equals: members * (members + 1) / 2 } } }
)");
    const RankResult result = run(workload, 3);
    CHECK(verdict_of(workload, result) == Verdict::passed);
    CHECK(execution::judge(workload, {result}).verify.size() == 2);
}

TEST_CASE("execution: a wrong result on one device fails the step and names the device") {
    const auto workload = test::parse(R"(version: 1
name: t
buffers: { a: { dtype: f32, count: 4, init: device.index } }
steps:
  - { name: twice, run: scale, with: { buffer: a, factor: 2 }, verify: { a: { equals: 0 } } }
)");
    const RankResult result = run(workload, 2);
    REQUIRE(result.steps[0].verify.size() == 1);
    CHECK_FALSE(result.steps[0].verify[0].passed);
    CHECK(result.steps[0].verify[0].detail ==
          "4 of 4 elements differ, first a[0] = 2 (expected 0), on device 1");
}

TEST_CASE("execution: groups need tasks with one device") {
    test::SeveralDevices task(2);
    const auto workload = test::parse(R"(version: 1
name: t
buffers: { a: { dtype: f32, count: 4 } }
steps:
  - { name: some, run: all_reduce, group: rank < 1, with: { buffer: a } }
)");
    CHECK(
        test::refusal_of([&] { test::run_workload(workload, task.machines()); }) ==
        "test.yaml:5:5: step 'some' joins a group, but the task has 2 devices (groups are made of "
        "tasks with one device each); use gpus_per_task: 1");
}
