// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/load.hpp"

#include <doctest/doctest.h>

#include "tests/workload/example.hpp"
#include "tests/workload/message.hpp"

using namespace warpstep::workload;

namespace {

Workload example(const std::vector<std::string>& overrides = {}) {
    const ExampleFolder folder;
    return parse_workload(example_text, folder.file("example.yaml"), overrides,
                          example_operations());
}

}  // namespace

TEST_CASE("workload: names, params and ranks are read as text and typed by the schema") {
    const Workload workload = example();
    CHECK(workload.name == "example");
    CHECK(workload.description == "all of it: really");
    REQUIRE(workload.params.size() == 5);
    CHECK(workload.params[2].name == "n");
    CHECK(workload.params[2].value.text() == "select(device.kind == cuda, 256Mi, 4Mi)");
    CHECK(workload.params[3].name == "half");
    CHECK(workload.ranks.exact->text() == "4");
    CHECK(workload.ranks.min->text() == "1");
    CHECK(workload.ranks.max->text() == "8");
    CHECK(workload.ranks.multiple_of->text() == "2");
    CHECK(workload.ranks.per_node->text() == "2");
}

TEST_CASE("workload: placement takes auto, numbers and words") {
    const PlacementRequest placement = example().placement;
    CHECK(placement.gpus_per_task == 1);
    CHECK_FALSE(placement.cpus_per_task);
    CHECK(placement.share == 2);
    CHECK(placement.cpu == CpuPolicy::near_gpu);
    CHECK(placement.memory == MemoryPolicy::inherit);
    CHECK(placement.strict);
}

TEST_CASE("workload: datasets are found beside the workload file") {
    const Workload workload = example();
    REQUIRE(workload.datasets.size() == 2);
    const DatasetSpec& train = workload.datasets[0];
    CHECK(train.name == "train");
    CHECK(std::filesystem::path(train.file).is_absolute());
    CHECK(std::filesystem::path(train.file).filename() == "train.csv");
    CHECK(train.target == "y");
    CHECK(train.standardize);
    CHECK_FALSE(train.intercept);
    CHECK(train.split == DatasetSpec::Split::global);
    CHECK(train.batch.text() == "64");
    CHECK(train.shuffle_seed->text() == "7");
    CHECK(workload.datasets[1].split == DatasetSpec::Split::per_rank);
    CHECK_FALSE(workload.datasets[1].shuffle_seed);
}

TEST_CASE("workload: buffers have a type, a shape, a place and first values") {
    const auto buffers = example().buffers;
    REQUIRE(buffers.size() == 5);
    CHECK(buffers[0].dtype == warpstep::DType::f64);
    CHECK(buffers[0].memory == MemoryKind::host_pinned);
    CHECK(buffers[0].init.kind == BufferInit::Kind::zero);
    CHECK(buffers[1].init.kind == BufferInit::Kind::uniform);
    CHECK(buffers[1].init.seed->text() == "1");
    CHECK(buffers[2].memory == MemoryKind::host);
    CHECK(buffers[2].init.kind == BufferInit::Kind::iota);
    CHECK(buffers[3].dtype == warpstep::DType::f32);
    REQUIRE(buffers[3].shape.size() == 2);
    CHECK(buffers[3].shape[1].text() == "max(2, 3)");
    CHECK(buffers[3].init.kind == BufferInit::Kind::number);
    CHECK(buffers[3].init.number->text() == "rank + 1");
    CHECK(buffers[4].mark.line == 31);
    CHECK(buffers[4].mark.column == 3);
}

TEST_CASE("workload: a step holds everything that is said about it") {
    const Step triad = example().steps.at(0);
    CHECK(triad.name == "triad");
    CHECK(triad.run == "stream.triad");
    CHECK(triad.with.at("scalar").value.text() == "-rate * 2");
    CHECK(triad.condition->text() == "rank == 0 or device.kind == host");
    CHECK(triad.warmup->text() == "5");
    CHECK(triad.times->text() == "100");
    CHECK(triad.timeout->text() == "30s");
    REQUIRE(triad.verify.size() == 3);
    CHECK(triad.verify[0].buffer == "a");
    CHECK(triad.verify[0].equals->text() == "before(a) + b * index");
    CHECK(triad.verify[0].ulp == 1);
    CHECK_FALSE(triad.verify[0].exact);
    CHECK(triad.verify[1].rtol == 1e-6);
    CHECK(triad.verify[1].atol == 1e-9);
    CHECK(triad.verify[2].same_on_all_ranks);
    REQUIRE(triad.expect.size() == 2);
    CHECK_FALSE(triad.expect[0].when);
    CHECK(triad.expect[1].that.text() == "spread(time.median) <= 3%");
    CHECK(triad.expect[1].when->text() == "device.kind == cuda");
    CHECK(triad.mark.line == 33);
}

TEST_CASE("workload: loops run over ranges and over batches of a dataset") {
    const Workload workload = example();
    const Step& train = workload.steps.at(1);
    CHECK(train.run.empty());
    REQUIRE(train.for_each.size() == 2);
    CHECK(train.for_each[0].kind == Loop::Kind::range);
    CHECK(train.for_each[0].variable == "epoch");
    CHECK(train.for_each[0].count->text() == "half / 2");
    CHECK(train.for_each[0].count->mark().line == 47);
    CHECK(train.for_each[0].count->mark().column == 32);
    CHECK(train.for_each[1].kind == Loop::Kind::batches);
    CHECK(train.for_each[1].dataset == "train");
    REQUIRE(train.steps.size() == 3);
    CHECK(train.steps[1].with.at("op").value.text() == "sum");
    CHECK(train.verify.at(0).exact);
    CHECK(workload.expect.size() == 2);
    CHECK(workload.report.values == std::vector<std::string>{"w", "grad"});
}

TEST_CASE("workload: --set replaces the value of a param, the last one holds") {
    const Workload workload = example({"n=1Mi", "n = rank * 2"});
    CHECK(workload.params[2].value.text() == " rank * 2");
    CHECK(workload.params[3].value.text() == "n / 2");
}

TEST_CASE("workload: the hash depends on the text and the overrides") {
    CHECK(example().hash == example().hash);
    CHECK(example().hash != example({"n=1"}).hash);
    CHECK(example().hash.size() == 16);
}

TEST_CASE(
    "workload: a file on disk gives the same as its text, and a byte order mark is no content") {
    const ExampleFolder folder;
    const std::string path = folder.file("from-disk.yaml");
    std::ofstream(path) << "\xef\xbb\xbfversion: 1\nsteps: [{name: meet, run: barrier}]\n";
    const Workload workload = load_workload(path, {}, example_operations());
    CHECK(workload.path == path);
    CHECK(workload.name == "from-disk");
    CHECK(workload.steps.at(0).mark.line == 2);
    CHECK(warpstep::workload::message_of([&] {
              load_workload(folder.file("none.yaml"), std::vector<std::string>{}, {});
          }).find("No such file or directory") != std::string::npos);
}

TEST_CASE("workload: aliases repeat what an anchor named") {
    const Workload workload = parse_workload(
        "version: 1\nbuffers: { x: &big { count: 8 }, y: *big }\nsteps: [{name: meet, run: "
        "barrier}]\n",
        "a.yaml", {}, example_operations());
    CHECK(workload.buffers.at(1).name == "y");
    CHECK(workload.buffers.at(1).shape.at(0).text() == "8");
}

TEST_CASE("workload: the place of an expression is exact for plain and quoted scalars") {
    const auto place = [](const std::string& init) {
        const Workload workload =
            parse_workload("version: 1\nbuffers: { x: { count: 8, init: " + init +
                               " } }\nsteps: [{name: meet, run: barrier}]\n",
                           "a.yaml", {}, example_operations());
        return workload.buffers.at(0).init.number->mark();
    };
    CHECK(place("rank").column == 33);
    CHECK(place("'rank'").column == 34);
    CHECK(place("'rank'").exact);
    CHECK_FALSE(place("\"ra\\x6ek\"").exact);
}
