// SPDX-License-Identifier: Apache-2.0
// What order, selection, graphs, generated data, checkpoints and reports become.
#include <doctest/doctest.h>

#include "runtime/workload/load.hpp"
#include "tests/workload/example.hpp"

using namespace warpstep::workload;

namespace {

Workload parse(const std::string& text) {
    const ExampleFolder folder;
    return parse_workload(text, folder.file("w.yaml"), {}, example_operations());
}

const Step& step_of(const Workload& workload, const std::string& name) {
    for (const Step& step : workload.steps) {
        if (step.name == name) return step;
    }
    throw std::runtime_error("no step " + name);
}

DatasetSpec dataset(const std::string& keys) {
    return parse("version: 1\ndatasets: { d: { " + keys +
                 " } }\nsteps: [ { name: meet, run: barrier } ]\n")
        .datasets.at(0);
}

CheckpointRequest checkpoint(const std::string& keys) {
    return *parse("version: 1\nbuffers: { x: { count: 1 } }\ncheckpoint: { save: [x], " + keys +
                  " }\nsteps: [ { name: meet, run: barrier } ]\n")
                .checkpoint;
}

}  // namespace

TEST_CASE("workload: steps have streams, needs and devices") {
    const Workload workload = parse(example_text);
    REQUIRE(workload.streams.size() == 2);
    CHECK(workload.streams[0].name == "side");
    CHECK(workload.streams[0].high_priority);
    CHECK_FALSE(workload.streams[1].high_priority);
    const Step& up = step_of(workload, "up");
    CHECK(up.stream == "side");
    CHECK(up.device->text() == "1");
    CHECK(up.continue_on_error);
    const Step& keep = step_of(workload, "keep");
    REQUIRE(keep.needs.size() == 1);
    CHECK(keep.needs[0].step == "meet");
    CHECK(keep.needs[0].mark.line == 54);
    CHECK(keep.stream.empty());
    CHECK_FALSE(keep.device);
    CHECK_FALSE(keep.continue_on_error);
    CHECK(step_of(workload, "pipeline").needs.at(0).step == "up");
}

TEST_CASE("workload: a text argument is kept as it is written") {
    const Workload workload = parse(example_text);
    const Step& keep = step_of(workload, "keep");
    CHECK(keep.with.at("file").text == "w-{rank}.npy");
    CHECK(std::get<std::string>(keep.with.at("file").value.root().value.data) == "w-{rank}.npy");
    CHECK(keep.with.at("buffer").text.empty());
    CHECK(keep.with.at("rank").value.text() == "0");
}

TEST_CASE("workload: groups are a set of ranks, or one for each value") {
    const Workload workload = parse(example_text);
    const Step& low = step_of(workload, "low");
    CHECK(low.group->kind == Group::Kind::members);
    CHECK(low.group->value.text() == "rank < 2");
    const Step& pairs = step_of(workload, "pairs");
    CHECK(pairs.group->kind == Group::Kind::by);
    CHECK(pairs.group->value.text() == "rank % 2");
    CHECK_FALSE(step_of(workload, "meet").group);
}

TEST_CASE("workload: a graph says how often it is launched") {
    const Workload workload = parse(example_text);
    const Step& pipeline = step_of(workload, "pipeline");
    REQUIRE(pipeline.graph);
    CHECK(pipeline.graph->launches->text() == "200");
    CHECK(pipeline.graph->warmup->text() == "10");
    CHECK(pipeline.verify.at(0).reference == "gemm.naive");
    CHECK(pipeline.verify.at(1).same_as == "a");
    CHECK(pipeline.steps.size() == 2);
    CHECK_FALSE(step_of(workload, "train-all").graph);
}

TEST_CASE("workload: a checkpoint says what, when and where") {
    const CheckpointRequest full = *parse(example_text).checkpoint;
    CHECK(full.every == CheckpointRequest::Every::steps);
    CHECK(full.amount->text() == "10");
    CHECK(full.save == std::vector<std::string>{"w"});
    CHECK(full.keep->text() == "3");
    CHECK(full.dir == "saved");
    const CheckpointRequest timed = checkpoint("every: { time: 10m }");
    CHECK(timed.every == CheckpointRequest::Every::time);
    CHECK(timed.amount->text() == "10m");
    CHECK(timed.dir == "checkpoints");
    const CheckpointRequest each = checkpoint("every: epoch");
    CHECK(each.every == CheckpointRequest::Every::epoch);
    CHECK_FALSE(each.amount);
    CHECK_FALSE(each.keep);
}

TEST_CASE("workload: a report goes into files") {
    const ReportRequest report = parse(example_text).report;
    CHECK(report.json == "a.json");
    CHECK(report.junit == "a.xml");
    CHECK(report.csv == "a.csv");
    CHECK(report.prometheus == "a.prom");
    CHECK(parse("version: 1\nsteps: [ { name: meet, run: barrier } ]\n").report.json.empty());
}

TEST_CASE("workload: generated data, shards and a shuffle for the whole run") {
    const DatasetSpec made = dataset(
        "generate: { linear: { samples: 64, features: 4, noise: 0.01, seed: 7 } }, "
        "batch: { per_rank: 8 }, shuffle: { seed: 3, every: run }, shard: { by: rank, uneven: drop "
        "}");
    REQUIRE(made.generate);
    CHECK(made.file.empty());
    CHECK(made.generate->samples.text() == "64");
    CHECK(made.generate->features.text() == "4");
    CHECK(made.generate->noise->text() == "0.01");
    CHECK(made.generate->seed->text() == "7");
    CHECK(made.shuffle_once);
    CHECK(made.shard == Uneven::drop);
    const DatasetSpec plain = dataset(
        "generate: { linear: { samples: 64, features: 4 } }, batch: { per_rank: 8 }, "
        "shuffle: { seed: 3 }, shard: {}");
    CHECK_FALSE(plain.generate->noise);
    CHECK_FALSE(plain.generate->seed);
    CHECK_FALSE(plain.shuffle_once);
    CHECK(plain.shard == Uneven::wrap);
}

TEST_CASE("workload: buffers may be managed and may start from a file") {
    const ExampleFolder folder;
    const auto buffers = parse_workload(
                             "version: 1\nbuffers:\n  m: { count: 4, memory: managed }\n"
                             "  f: { count: 4, init: { file: values.npy, offset: 2 } }\n"
                             "steps: [ { name: meet, run: barrier } ]\n",
                             folder.file("w.yaml"), {}, example_operations())
                             .buffers;
    CHECK(buffers.at(0).memory == MemoryKind::managed);
    CHECK(buffers.at(1).init.kind == BufferInit::Kind::file);
    CHECK(buffers.at(1).init.file == folder.file("values.npy"));
    CHECK(buffers.at(1).init.offset->text() == "2");
}
