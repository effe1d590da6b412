// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/result.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "runtime/base/error.hpp"

using namespace warpstep;
using namespace warpstep::execution;

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

RankResult full() {
    RankResult result;
    result.place = {3,     1,      1,      "n2", "NVIDIA H200",        "GPU-1", "0000:1b:00.0",
                    "0-3", {0, 1}, "bind", true, {"note one", "schön"}};
    StepResult step;
    step.name = "copy-up";
    step.run = "copy";
    step.ran = true;
    step.launches = 5'000'000'000;
    step.metrics = {{"time", workload::unit_seconds, {0.1, 0.05, infinite, 0.3, std::nan("")}},
                    {"bandwidth", workload::unit_bytes_per_second, {1e12, 1, 2, 3, 4}}};
    step.numbers = {{"mse", std::nan("")}, {"r2", 0.1}};
    step.verify = {{"a", "equals b", false, "1 of 2 elements differ", 2.5, ""},
                   {"w", "same on all ranks", true, "", 0, "cbf29ce484222325"}};
    result.steps = {step, {}};
    result.names = {{"rank", plan::count_value(3)},
                    {"whole", plan::number_value(3.0, workload::unit_seconds)},
                    {"third", plan::number_value(1.0 / 3)},
                    {"least", plan::count_value(std::numeric_limits<std::int64_t>::min())},
                    {"most", plan::count_value(std::numeric_limits<std::int64_t>::max())},
                    {"device.kind", plan::text_value("cuda")},
                    {"truth", {true, workload::no_unit}}};
    result.values = {{"w", {1, -infinite, 0.1}}, {"empty", {}}};
    return result;
}

}  // namespace

TEST_CASE("execution: a result survives its journey to rank 0") {
    const RankResult sent = full();
    const RankResult got = decode_result(encode(sent));
    CHECK(got.place.rank == 3);
    CHECK(got.place.local_rank == 1);
    CHECK(got.place.node == 1);
    CHECK(got.place.node_name == "n2");
    CHECK(got.place.device == "NVIDIA H200");
    CHECK(got.place.gpu_uuid == "GPU-1");
    CHECK(got.place.gpu_pci == "0000:1b:00.0");
    CHECK(got.place.cpus == "0-3");
    CHECK(got.place.numa == sent.place.numa);
    CHECK(got.place.memory_policy == "bind");
    CHECK(got.place.simulated);
    CHECK(got.place.notes == sent.place.notes);
    CHECK(got.names == sent.names);
    CHECK(got.values == sent.values);
    REQUIRE(got.steps.size() == 2);
    CHECK_FALSE(got.steps[1].ran);
}

TEST_CASE("execution: metrics and verifications travel with NaN and infinity") {
    const StepResult step = decode_result(encode(full())).steps[0];
    CHECK(step.name == "copy-up");
    CHECK(step.run == "copy");
    CHECK(step.ran);
    CHECK(step.launches == 5'000'000'000);
    REQUIRE(step.metrics.size() == 2);
    CHECK(step.metrics[0].name == "time");
    CHECK(step.metrics[0].unit == workload::unit_seconds);
    CHECK(step.metrics[0].statistics.median == 0.1);
    CHECK(step.metrics[0].statistics.min == 0.05);
    CHECK(step.metrics[0].statistics.max == infinite);
    CHECK(step.metrics[0].statistics.p99 == 0.3);
    CHECK(std::isnan(step.metrics[0].statistics.stddev));
    CHECK(step.metrics[1].unit == workload::unit_bytes_per_second);
    CHECK(std::isnan(step.numbers.at("mse")));
    CHECK(step.numbers.at("r2") == 0.1);
    REQUIRE(step.verify.size() == 2);
    CHECK(step.verify[0].buffer == "a");
    CHECK(step.verify[0].rule == "equals b");
    CHECK_FALSE(step.verify[0].passed);
    CHECK(step.verify[0].detail == "1 of 2 elements differ");
    CHECK(step.verify[0].worst_ulp == 2.5);
    CHECK(step.verify[1].passed);
    CHECK(step.verify[1].hash == "cbf29ce484222325");
}

TEST_CASE("execution: numbers keep their type, so that a count stays a count") {
    const RankResult got = decode_result(encode(full()));
    CHECK(got.names.at("rank").is_integer());
    CHECK_FALSE(got.names.at("whole").is_integer());
    CHECK(got.names.at("whole").unit == workload::unit_seconds);
}

TEST_CASE("execution: bytes that are no result are an error of communication") {
    const std::string whole = encode(full());
    for (std::size_t length = 0; length < whole.size(); length += 7) {
        CHECK_THROWS_AS(decode_result(whole.substr(0, length)), CommError);
    }
    CHECK_THROWS_AS(decode_result("hello"), CommError);
    CHECK_THROWS_AS(decode_result(whole + "x"), CommError);
}
