// SPDX-License-Identifier: Apache-2.0
// Names in expectations: what is certainly wrong is refused before the run.
#include <doctest/doctest.h>

#include "tests/workload/example.hpp"
#include "tests/workload/message.hpp"

using namespace warpstep::workload;

namespace {

const std::string more_steps =
    "- { name: fit, run: linear.evaluate, with: { data: train, w: w } }\n"
    "- name: loop\n  for_each: [ { i: range(2) } ]\n  steps:\n"
    "  - { name: inner, run: stream.triad, with: { a: w, b: w, c: w } }\n"
    "- name: both\n  graph: { launches: 2 }\n  steps:\n"
    "  - { name: one, run: stream.triad, with: { a: w, b: w, c: w } }\n";

std::string error_of(const std::string& at_step, const std::string& at_end) {
    return message_of([&] {
        parse_workload(
            "version: 1\nparams: { limit: 4, mode: device.kind }\nbuffers: { w: { count: "
            "4 } }\ndatasets: { train: { generate: { linear: { samples: 8, features: 4 "
            "} }, batch: { global: 4 } } }\nsteps:\n- name: copy-up\n  run: stream.triad\n  "
            "expect: [ '" +
                at_step + "' ]\n  with: { a: w, b: w, c: w }\n" + more_steps + "expect: [ '" +
                at_end + "' ]\n",
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
    for (const char* good : {"time.median < 1s",
                             "steps.fit.mse < 3",
                             "spread(bandwidth.median) <= 3%",
                             "worst(time.max) == 0",
                             "steps.copy-up.time.median < limit * 1s",
                             "steps.fit.r2 > 0.5",
                             "launches == 1",
                             "bandwidth > 1GB/s and not (flops < 0)",
                             "steps.both.time.median <= 1.1 * steps.both.critical_path",
                             "steps.both.kernels == 1",
                             "time.median * bandwidth.median > 1MiB",
                             "bandwidth.median / bandwidth.max > 50%",
                             "select(device.kind == cuda, 1GB/s, 2GB/s) < bandwidth",
                             "bandwidth > 0",
                             "pow(time.median, 2) < 1s * 1s",
                             "sqrt(time.max * time.min) < 1s",
                             "device.kind == cuda",
                             "mode == cuda",
                             "bandwidth.min >= 80% * device.peak.memory_bandwidth",
                             "max(time.max, time.min) < 1s"}) {
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
          "w.yaml:8:14: unknown step 'copy-down' in 'steps.copy-down.time.max'; known: both, "
          "copy-up, fit, inner, loop, one");
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
    CHECK(at_end("limt == 4") == "w.yaml:19:12: unknown name 'limt'; did you mean 'limit'?");
    CHECK(at_end("tme.median < 1s").starts_with("w.yaml:19:12: unknown name 'tme.median'"));
    CHECK(at_end("steps.copy-up.time.medain < 1s") ==
          "w.yaml:19:12: unknown name 'steps.copy-up.time.medain'; did you mean "
          "'steps.copy-up.time.median'?");
    CHECK(at_end("equal_on_all_ranks(ww)") ==
          "w.yaml:19:31: unknown buffer 'ww'; did you mean 'w'?");
    CHECK(at_end("mean_squared_error(trian, w) < 1") ==
          "w.yaml:19:31: unknown dataset 'trian'; known: train");
    CHECK(at_end("mean_squared_error(train) < 1") ==
          "w.yaml:19:12: wrong number of arguments (1); write mean_squared_error(dataset, buffer)");
    CHECK(at_end("max_abs(v) < 1").starts_with("w.yaml:19:20: unknown name 'v'"));
    CHECK(at_end("equal_on_all_ranks(w + 1)") == "w.yaml:19:33: expected the name of a buffer");
}

TEST_CASE("workload: a step has the numbers of what it runs") {
    CHECK(at_step("mse < 3") ==
          "w.yaml:8:14: step 'copy-up' has no 'mse'; it has time, bandwidth, flops, launches");
    CHECK(at_step("critical_path < 1s") ==
          "w.yaml:8:14: step 'copy-up' has no 'critical_path'; it "
          "has time, bandwidth, flops, launches");
    CHECK(at_step("time.median < 2s and steps.inner.flops > 1TFLOP/s") ==
          "w.yaml:8:35: step 'inner' has no 'flops' (inside for_each sizes may change from turn to "
          "turn); it has time, launches");
    CHECK(at_step("launches.median == 1") ==
          "w.yaml:8:14: 'launches' is one number, without statistics; write launches");
    CHECK(at_end("steps.fit.bandwidth > 1GB/s") ==
          "w.yaml:19:12: step 'fit' has no 'bandwidth'; it has time, mse, r2, launches");
}

TEST_CASE("workload: values that could never be compared are refused before the run") {
    CHECK(at_step("bandwidth.median >= 5") ==
          "w.yaml:8:31: '>=' needs equal units, not bytes/s and a plain number; write for example "
          "5GB/s");
    CHECK(at_step("time + bandwidth > 0") ==
          "w.yaml:8:19: '+' needs equal units, not seconds and bytes/s");
    CHECK(at_step("bandwidth.median") ==
          "w.yaml:8:14: expected true or false, not bytes/s; compare it with something");
    CHECK(at_step("not launches") ==
          "w.yaml:8:18: 'not' needs true or false, not a plain number; compare it with something");
    CHECK(at_step("launches == 1 and time") ==
          "w.yaml:8:32: 'and' needs true or false, not seconds; compare it with something");
    CHECK(at_step("device.kind == 3") ==
          "w.yaml:8:26: '==' cannot compare a word with a plain number");
    CHECK(at_step("device.kind < device.name") ==
          "w.yaml:8:26: '<' needs numbers, not a word; use == or !=");
    CHECK(at_step("max(time.max, bandwidth) > 1s") ==
          "w.yaml:8:14: 'max' needs equal units, not seconds and bytes/s");
    CHECK(at_step("spread(time.median) < 3ms") ==
          "w.yaml:8:34: '<' needs equal units, not a plain number and seconds; write for example "
          "5ms");
    CHECK(at_end("equal_on_all_ranks(w) == 1") ==
          "w.yaml:19:34: '==' cannot compare true or false with a plain number");
    CHECK(at_end("limit") ==
          "w.yaml:19:12: expected true or false, not a plain number; compare it with something");
}

TEST_CASE("workload: all errors of a file are told at once, in its order") {
    const std::string text = error_of("bandwith.median > 1", "steps.fit.time < 3");
    CHECK(text ==
          "w.yaml:8:14: unknown name 'bandwith.median'; did you mean 'bandwidth.median'?\n"
          "w.yaml:19:27: '<' needs equal units, not seconds and a plain number; write for example "
          "5ms\n2 errors; nothing was run");
    std::string steps;
    for (int i = 0; i < 30; ++i)
        steps += "- { name: s" + std::to_string(i) + ", run: copy, with: { from: x, to: w } }\n";
    const std::string many = message_of([&] {
        parse_workload("version: 1\nbuffers: { w: { count: 1 } }\nsteps:\n" + steps +
                           "- { name: last, rn: copy }\n",
                       "w.yaml", {}, example_operations());
    });
    CHECK(many.starts_with("w.yaml:4:40: unknown name 'x'"));
    CHECK(many.find("w.yaml:23:") != std::string::npos);
    CHECK(many.find("w.yaml:24:") == std::string::npos);
    CHECK(many.ends_with("… and 11 more\n31 errors; nothing was run"));
}

TEST_CASE("workload: an error does not lead to others that are none") {
    CHECK(message_of([] {
              parse_workload(
                  "version: 1\nbuffers: { w: { count: 1, dtype: f31 } }\nsteps:\n"
                  "- { name: a, rn: copy }\n"
                  "- { name: b, run: copy, needs: a, with: { from: w, to: w } }\n"
                  "expect: [ steps.a.time < 1s, steps.a.mse < 1 ]\n",
                  "w.yaml", {}, example_operations());
          }) ==
          "w.yaml:2:34: 'dtype' cannot be 'f31'; did you mean 'f32'?\n"
          "w.yaml:4:14: unknown key 'rn' in step 'a'; did you mean 'run'?\n"
          "2 errors; nothing was run");
}
