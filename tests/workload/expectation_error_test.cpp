// SPDX-License-Identifier: Apache-2.0
// Names in expectations: what is certainly wrong is refused before the run.
#include <doctest/doctest.h>

#include "tests/workload/example.hpp"
#include "tests/workload/message.hpp"

using namespace warpstep::workload;

namespace {

std::string error_of(const std::string& at_step, const std::string& at_end) {
    return message_of([&] {
        parse_workload(
            "version: 1\nparams: { limit: 4, mode: device.kind }\nbuffers: { w: { count: "
            "4 } }\ndatasets: { train: { generate: { linear: { samples: 8, features: 4 "
            "} }, batch: { global: 4 } } }\nsteps:\n- name: copy-up\n  run: barrier\n  "
            "expect: [ '" +
                at_step + "' ]\nexpect: [ '" + at_end + "' ]\n",
            "w.yaml", {}, example_operations());
    });
}

std::string at_step(const std::string& expectation) {
    return error_of(expectation, "true");
}
std::string at_end(const std::string& expectation) {
    return error_of("true", expectation);
}

}  // namespace

TEST_CASE("workload: expectations that can be known") {
    for (const char* good :
         {"time.median < 1s", "mse < 3", "spread(bandwidth.median) <= 3%", "worst(time.max) == 0",
          "steps.copy-up.time.median < limit * 1s", "steps.copy-up.r2 > 0.5", "errors == 0",
          "device.kind == cuda", "mode == cuda",
          "bandwidth.min >= 80% * device.peak.memory_bandwidth", "max(time.max, time.min) < 1s"}) {
        INFO(good);
        CHECK(at_step(good) == "no error");
    }
    for (const char* good :
         {"mean_squared_error(train, w) < 2e-4", "max_abs(w - train.true_weights) < 2e-3",
          "equal_on_all_ranks(w)", "train.rows == 8 and train.features == 4",
          "train.each_sample_seen_once_per_epoch or train.rows % ranks != 0",
          "spread(steps.copy-up.time.median) < 1", "restart_count == 0 and epoch >= 0",
          "members == ranks * devices", "gpu.name != none and gpu.sm_count > 1",
          "max_abs(before(w) + index * limit) < 1"}) {
        INFO(good);
        CHECK(at_end(good) == "no error");
    }
}

TEST_CASE("workload: expectations of a step that name what no run can know") {
    CHECK(at_step("steps.copy-down.time.max < 1s") ==
          "w.yaml:8:14: unknown step 'copy-down' in 'steps.copy-down.time.max'; known: copy-up");
    CHECK(at_step("steps.copy-upp.time.max < 1s") ==
          "w.yaml:8:14: unknown step 'copy-upp' in 'steps.copy-upp.time.max'; did you mean "
          "'copy-up'?");
    CHECK(at_step("time.medain < 1s") ==
          "w.yaml:8:14: unknown name 'time.medain'; did you mean 'time.median'?");
    CHECK(at_step("1s > device.peak.memory_bandwith") ==
          "w.yaml:8:19: unknown name 'device.peak.memory_bandwith'; did you mean "
          "'device.peak.memory_bandwidth'?");
    CHECK(at_step("sprad(time.median) < 1") ==
          "w.yaml:8:14: unknown function 'sprad'; did you mean 'spread'?");
    CHECK(at_step("spread(time.median, 2) < 1") ==
          "w.yaml:8:14: wrong number of arguments (2); write spread(metric)");
    CHECK(at_step("spread(1 + 1) < 1") ==
          "w.yaml:8:23: 'spread' takes names, not computed values; write for example "
          "spread(bandwidth.median)");
    CHECK(at_step("train.row == 8") ==
          "w.yaml:8:14: unknown name 'train.row'; did you mean 'train.rows'?");
}

TEST_CASE("workload: expectations of the file that name what no run can know") {
    CHECK(at_end("limt == 4") == "w.yaml:9:12: unknown name 'limt'; did you mean 'limit'?");
    CHECK(at_end("tme.median < 1s").starts_with("w.yaml:9:12: unknown name 'tme.median'"));
    CHECK(at_end("steps.copy-up.time.medain < 1s") ==
          "w.yaml:9:12: unknown name 'steps.copy-up.time.medain'; did you mean "
          "'steps.copy-up.time.median'?");
    CHECK(at_end("equal_on_all_ranks(ww)") ==
          "w.yaml:9:31: unknown buffer 'ww'; did you mean 'w'?");
    CHECK(at_end("mean_squared_error(trian, w) < 1") ==
          "w.yaml:9:31: unknown dataset 'trian'; known: train");
    CHECK(at_end("mean_squared_error(train) < 1") ==
          "w.yaml:9:12: wrong number of arguments (1); write mean_squared_error(dataset, buffer)");
    CHECK(at_end("max_abs(v) < 1").starts_with("w.yaml:9:20: unknown name 'v'"));
    CHECK(at_end("equal_on_all_ranks(w + 1)") == "w.yaml:9:33: expected the name of a buffer");
}
