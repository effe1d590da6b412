// SPDX-License-Identifier: Apache-2.0
// Golden messages of needs, streams, groups, graphs, checkpoints and generated data.
#include <doctest/doctest.h>

#include "tests/workload/example.hpp"
#include "tests/workload/message.hpp"

using namespace warpstep::workload;

namespace {

// Line 1 holds all declarations; steps start in line 3.
std::string steps_error(const std::string& steps) {
    return message_of([&] {
        parse_workload(
            "{ version: 1, params: { n: 4 }, streams: { up: {}, down: {} }, buffers: { "
            "x: { count: n }, y: { count: n } },\nsteps: [\n" +
                steps + " ] }\n",
            "w.yaml", {}, example_operations());
    });
}

std::string section_error(const std::string& section) {
    return message_of([&] {
        parse_workload("version: 1\nbuffers: { x: { count: 4 } }\n" + section +
                           "\nsteps: [ { name: meet, run: barrier } ]\n",
                       "w.yaml", {}, example_operations());
    });
}

std::string graph_error(const std::string& inner, const std::string& keys = "graph: {}") {
    return steps_error("{ name: g, " + keys + ", steps: [\n{ name: s, " + inner + " } ] }");
}

}  // namespace

TEST_CASE("workload: needs names earlier steps of the same list") {
    CHECK(steps_error("{ name: a, run: barrier },\n{ name: b, run: barrier, needs: [a, a] }") ==
          "no error");
    CHECK(steps_error("{ name: first, run: barrier },\n{ name: b, run: barrier, needs: [firs] }") ==
          "w.yaml:4:34: unknown step 'firs'; did you mean 'first'?");
    CHECK(steps_error("{ name: a, run: barrier, needs: a }") ==
          "w.yaml:3:33: step 'a' cannot need itself; name an earlier step or remove it");
    CHECK(steps_error("{ name: a, run: barrier, needs: [b] },\n{ name: b, run: barrier }") ==
          "w.yaml:3:34: 'a' needs 'b', which comes later (line 4); move that step before it");
    CHECK(steps_error("{ name: a, run: barrier, needs: [c] },\n{ name: b, run: barrier, needs: "
                      "[a] },\n{ name: c, run: barrier, needs: [b] }") ==
          "w.yaml:3:34: a cycle in 'needs' ('a' needs 'c', which needs it through 'b' in line 5); "
          "remove one of them");
    CHECK(steps_error("{ name: g, steps: [ { name: in, run: barrier } ] },\n{ name: b, run: "
                      "barrier, needs: [in] }") ==
          "w.yaml:4:34: step 'in' stands in another list ('needs' names steps beside it); name the "
          "container or move the step");
}

TEST_CASE("workload: streams are declared") {
    CHECK(
        steps_error("{ name: a, run: barrier, stream: upp }") ==
        "w.yaml:3:34: unknown stream 'upp'; did you mean 'up'?; declare it: streams: { upp: {} }");
    CHECK(section_error("streams: { 1st: {} }") ==
          "w.yaml:3:12: '1st' cannot name a stream (letters, digits, '_' and inner '-', no digit "
          "first); rename it");
    CHECK(section_error("streams: { a: { priority: normal } }") ==
          "w.yaml:3:27: 'priority' cannot be 'normal'; known: low, high");
    CHECK(steps_error("{ name: g, stream: up, steps: [ { name: a, run: barrier } ] }") ==
          "w.yaml:3:20: 'stream' belongs to a step with 'run'; move it to the steps inside");
}

TEST_CASE("workload: a group belongs to a collective") {
    CHECK(steps_error("{ name: a, run: all_reduce, group: rank < n, with: { buffer: x } }") ==
          "no error");
    CHECK(steps_error("{ name: a, run: axpy, group: rank < n, with: { alpha: 1, x: x, y: y } }") ==
          "w.yaml:3:30: 'group' belongs to a collective ('axpy' works on each rank alone); use "
          "'if'");
    CHECK(steps_error("{ name: a, run: all_reduce, group: rnk < n, with: { buffer: x } }") ==
          "w.yaml:3:36: unknown name 'rnk'; did you mean 'rank'?");
    CHECK(steps_error("{ name: a, run: all_reduce, group: {}, with: { buffer: x } }") ==
          "w.yaml:3:36: 'group' needs the key 'by'");
    CHECK(steps_error("{ name: a, run: all_reduce, group: { by: -1 }, with: { buffer: x } }") ==
          "w.yaml:3:42: 'by' is -1 (it must be 0 or more)");
}

TEST_CASE("workload: a graph holds what can be captured") {
    const std::string why = " (the steps of a graph are captured once and launched as a whole); ";
    const std::string in_graph = " cannot stand in graph 'g' in line 3" + why;
    CHECK(graph_error("run: axpy, with: { alpha: n, x: x, y: y }") == "no error");
    CHECK(graph_error("steps: [ { name: t, run: barrier } ]") == "no error");
    CHECK(graph_error("run: barrier, repeat: { times: 2 }") ==
          "w.yaml:4:1: 'repeat' of step 's'" + in_graph + "the graph has 'launches'");
    CHECK(graph_error("run: barrier, timeout: 1s") ==
          "w.yaml:4:1: 'timeout' of step 's'" + in_graph + "remove it");
    CHECK(graph_error("run: barrier, verify: { x: { equals: 1 } }") ==
          "w.yaml:4:1: 'verify' of step 's'" + in_graph + "move it to the graph");
    CHECK(graph_error("run: barrier, expect: [ time.max < 1s ]") ==
          "w.yaml:4:1: 'expect' of step 's'" + in_graph + "move it to the graph");
    CHECK(graph_error("for_each: [ { i: range(2) } ], steps: [ { name: t, run: barrier } ]") ==
          "w.yaml:4:1: 'for_each' of step 's'" + in_graph + "put the loop around the graph");
    CHECK(graph_error("graph: {}, steps: [ { name: t, run: barrier } ]") ==
          "w.yaml:4:1: 'graph' of step 's'" + in_graph + "make one graph of both");
    CHECK(graph_error("run: store, with: { buffer: x, file: a.npy }") ==
          "w.yaml:4:1: 'store', which needs the host," + in_graph + "move the step out of it");
    CHECK(graph_error("run: barrier", "graph: {}, for_each: [ { i: range(2) } ]") ==
          "w.yaml:3:1: step 'g' has 'graph' and 'for_each' (the steps of a graph are captured once "
          "and launched as a whole); put the loop into a step around it");
    CHECK(steps_error("{ name: o, for_each: [ { i: range(2) } ], steps: [ { name: g, graph: {}, "
                      "steps: [\n{ name: s, run: axpy, with: { alpha: i, x: x, y: y } } ] } ] }") ==
          "w.yaml:4:38: 'i', which changes while a loop runs," + in_graph +
              "loop over launches of the graph only");
    CHECK(steps_error("{ name: s, run: barrier, graph: {} }") ==
          "w.yaml:3:33: 'graph' belongs to a step with 'steps'; put the operation below it");
}

TEST_CASE("workload: texts and devices of steps") {
    CHECK(steps_error("{ name: s, run: store, with: { buffer: x, file: '' } }") ==
          "w.yaml:3:49: 'file' is empty; write a text");
    CHECK(steps_error("{ name: s, run: store, with: { buffer: x } }") ==
          "w.yaml:3:17: 'store' needs the argument 'file'; write with: { buffer: …, file: … }");
    CHECK(steps_error("{ name: s, run: barrier, device: -1 }") ==
          "w.yaml:3:34: 'device' is -1 (it must be 0 or more)");
    CHECK(steps_error("{ name: s, run: barrier, continue_on_error: perhaps }") ==
          "w.yaml:3:45: 'continue_on_error' must be true or false, not 'perhaps'");
}

TEST_CASE("workload: what a verification compares with") {
    const auto error = [](const std::string& rule) {
        return steps_error("{ name: s, run: barrier, verify: { x: " + rule + " } }");
    };
    CHECK(error("{ reference: gem }") ==
          "w.yaml:3:52: unknown operation 'gem'; did you mean 'gemm'?");
    CHECK(error("{ same_as: z }") == "w.yaml:3:50: unknown buffer 'z'; did you mean 'x'?");
    CHECK(error("{ same_as: x }") ==
          "w.yaml:3:50: 'x' is always the same as itself; name another buffer");
}

TEST_CASE("workload: checkpoints, reports and generated data") {
    CHECK(section_error("checkpoint: { every: epoch, save: [w] }") ==
          "w.yaml:3:36: unknown buffer 'w'; did you mean 'x'?");
    CHECK(section_error("checkpoint: { every: day, save: [x] }") ==
          "w.yaml:3:22: 'every' cannot be 'day'; known: epoch");
    CHECK(section_error("checkpoint: { every: { time: 10 }, save: [x] }") ==
          "w.yaml:3:30: 'time' must be a duration above 0, not 10; write 30s or 5m");
    CHECK(section_error("checkpoint: { every: epoch, save: [x], dir: '' }") ==
          "w.yaml:3:45: 'dir' is empty; name a folder");
    CHECK(section_error("report: { csv: '' }") == "w.yaml:3:16: 'csv' is empty; name a file");
    const std::string linear =
        "datasets:\n  d: { generate: { linear: { samples: 8, features: 2 } }, ";
    CHECK(section_error(linear + "batch: { global: 4 }, shard: {} }") ==
          "w.yaml:4:88: 'shard' deals rows out before they are put in batches, 'batch.global' "
          "afterwards (line 4); write batch: { per_rank: N } or remove 'shard'");
    CHECK(section_error(linear + "batch: { global: 4 }, target: y }") ==
          "w.yaml:4:89: 'target' belongs to a dataset with 'file'; remove it");
    CHECK(section_error("datasets: { d: { generate: { linear: { samples: 8 } }, batch: { global: 1 "
                        "} } }") == "w.yaml:3:38: 'linear' needs the key 'features'");
    CHECK(section_error("datasets: { d: { generate: { cubic: {} }, batch: { global: 1 } } }") ==
          "w.yaml:3:30: unknown key 'cubic' in 'generate'; known: linear");
}

TEST_CASE("workload: first values from a file that is not there") {
    CHECK(
        message_of([] {
            parse_workload(
                "version: 1\nbuffers: { x: { count: 4, init: { file: none.npy } } }\nsteps: [ { "
                "name: meet, run: barrier } ]\n",
                "w.yaml", {}, example_operations());
        }) ==
        "w.yaml:2:41: cannot read none.npy (No such file or directory); paths are relative to the "
        "workload file");
}
