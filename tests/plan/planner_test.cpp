// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/planner.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "runtime/base/error.hpp"
#include "tests/plan/by_hand.hpp"

using namespace warpstep;
using plan::plan_all;
using test::a_step;
using test::expression;
using test::message_of;
using test::on;

namespace {

// Of a host device, of whose memory nobody knows.
const plan::PlanFacts facts;

std::vector<step::Step> ranks(int count) {
    std::vector<step::Step> steps;
    for (int rank = 0; rank < count; ++rank) {
        step::Step step;
        step.rank = step.local_rank = rank;
        step.size = step.local_size = count;
        step.node_ranks = {std::vector<int>(static_cast<std::size_t>(count))};
        steps.push_back(step);
    }
    return steps;
}

workload::DatasetSpec generated(const std::string& samples, const std::string& batch) {
    workload::DatasetSpec spec;
    spec.name = "train";
    spec.generate = workload::LinearData{expression(samples), expression("10"), {}, {}};
    spec.batch = expression(batch);
    spec.mark = {"f.yaml", 3, 3};
    return spec;
}

// The dataset as each of `count` ranks sees it.
std::vector<plan::DatasetPlan> cut(const workload::DatasetSpec& spec, int count, int devices = 1) {
    auto workload = test::with_buffers({}, {});
    workload.datasets = {spec};
    plan::PlanFacts facts;
    facts.devices.resize(static_cast<std::size_t>(devices));
    std::vector<plan::DatasetPlan> sets;
    for (const auto& rank : plan_all(workload, ranks(count), facts).ranks) {
        sets.push_back(rank->datasets.at(0));
    }
    return sets;
}

// What one rank would be told.
void refuse_problems(const workload::Workload& workload) {
    plan::refuse_problems(*plan::Planner(workload, facts).plan(step::Step{}));
}

std::int64_t all_rows(const std::vector<plan::DatasetPlan>& sets) {
    std::int64_t sum = 0;
    for (const auto& set : sets) sum += set.rows_here;
    return sum;
}

}  // namespace

TEST_CASE("plan: every rank has its own params, sizes and steps") {
    auto only_first = a_step("first", "fill", 4, {{"buffer", "a"}, {"value", "1"}});
    only_first.condition = expression("rank == 0");
    only_first.times = expression("10 + rank");
    auto workload = test::with_buffers({"a"}, {only_first, a_step("meet", "barrier", 5)});
    workload.params = {{"n", expression("4 * (rank + 1)")}};
    workload.buffers[0].shape = {expression("n"), expression("2")};
    const auto plans = plan_all(workload, ranks(3), facts);
    const auto& programs = plans.ranks;
    REQUIRE(programs.size() == 3);
    CHECK(programs[1]->params[0].second == plan::count_value(8));
    CHECK(programs[2]->buffers[0].shape == std::vector<std::int64_t>{12, 2});
    CHECK(programs[2]->needs[0].host == 96);
    CHECK(programs[0]->steps[0].active);
    CHECK(programs[0]->steps[0].times == 10);
    CHECK_FALSE(programs[1]->steps[0].active);
    CHECK(programs[1]->steps[0].condition == "rank == 0");
    CHECK(programs[1]->steps[1].number == "2");
    REQUIRE(programs[1]->steps[1].group);
    CHECK(*programs[1]->steps[1].group == std::vector<int>{0, 1, 2});
    CHECK_FALSE(programs[0]->same_as(*programs[1]));
    CHECK(plans.problems.empty());
}

TEST_CASE("plan: steps inside containers are numbered, and do not run where those do not") {
    auto loop = test::container("loop", {a_step("meet", "barrier", 5)}, 4);
    loop.condition = expression("rank < 1");
    loop.for_each.push_back({"i", workload::Loop::Kind::range, expression("7"), ""});
    const auto workload = test::with_buffers({}, {a_step("one", "barrier", 3), loop});
    const auto plans = plan_all(workload, ranks(2), facts);
    const auto& programs = plans.ranks;
    const auto& inner = programs[0]->steps.at(2);
    CHECK(inner.number == "2.1");
    CHECK(inner.depth == 1);
    CHECK(programs[0]->steps[1].turns == std::vector<std::int64_t>{7});
    CHECK_FALSE(programs[1]->steps[2].active);
    const auto& problems = plans.problems;
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].text.starts_with(
        "f.yaml:5:5: step 'meet' (barrier) is reached by rank 0 but not "
        "by rank 1 (if: rank < 1 decides"));
}

TEST_CASE("plan: groups know their members") {
    auto sum = a_step("sum", "all_reduce", 3, {{"buffer", "a"}});
    sum.group = workload::Group{workload::Group::Kind::by, expression("rank % 2")};
    auto pair = a_step("pair", "barrier", 4);
    pair.condition = expression("rank < 2");
    pair.group = workload::Group{workload::Group::Kind::members, expression("rank < 2")};
    const auto workload = test::with_buffers({"a"}, {sum, pair});
    const auto plans = plan_all(workload, ranks(5), facts);
    const auto& programs = plans.ranks;
    CHECK(*programs[3]->steps[0].group == std::vector<int>{1, 3});
    CHECK(programs[3]->steps[0].message_bytes == 32);
    CHECK(*programs[0]->steps[1].group == std::vector<int>{0, 1});
    CHECK_FALSE(programs[3]->steps[1].group);
    CHECK(plans.problems.empty());
}

TEST_CASE("plan: hazards and graphs are found, each once for all ranks") {
    auto twice = a_step("s", "fill", 9, {{"buffer", "a"}, {"value", "1"}});
    twice.times = expression("2");
    auto graph = test::container("g", {twice}, 8);
    graph.graph = workload::GraphRequest{};
    const auto workload = test::with_buffers(
        {"a", "b", "c"}, {on(a_step("up", "copy", 3, {{"from", "a"}, {"to", "b"}}), "x"),
                          on(a_step("use", "copy", 4, {{"from", "b"}, {"to", "c"}}), "y"), graph});
    const auto problems = plan_all(workload, ranks(4), facts).problems;
    REQUIRE(problems.size() == 2);
    CHECK(problems[0].text.starts_with("f.yaml:9:5: step 's' cannot stand in the graph 'g'"));
    CHECK(problems[1].text.starts_with("f.yaml:4:5: step 'use' may run at the same time"));
}

TEST_CASE("plan: memory counts for each device and each rank's share") {
    auto copy = a_step("one", "copy", 3, {{"from", "a"}, {"to", "b"}});
    copy.device = expression("5");
    auto workload = test::with_buffers({"a", "b", "c"}, {copy});
    workload.steps.push_back(a_step("both", "fill", 4, {{"buffer", "c"}, {"value", "0"}}));
    plan::PlanFacts facts;
    plan::DeviceFacts device;
    device.facts.kind = device::Kind::cuda;
    device.free = 96;
    facts.devices = {device, device};
    const auto steps = ranks(2);
    auto plans = plan_all(workload, steps, facts);
    const auto& programs = plans.ranks;
    CHECK(programs[0]->steps[0].device == 1);
    CHECK(programs[0]->steps[0].falls_back);
    CHECK(programs[0]->needs[0].device == 32);
    CHECK(programs[0]->needs[1].device == 96);
    CHECK(plans.problems.empty());
    facts.devices[0].free = facts.devices[1].free = 95;
    plans = plan_all(workload, steps, facts);
    const auto& problems = plans.problems;
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].text.find("need 96 B of device memory but this rank has 95 B") !=
          std::string::npos);
}

TEST_CASE("plan: of a node that a file describes, all memory is judged and what is free is left") {
    auto workload =
        test::with_buffers({"a"}, {a_step("fill", "fill", 4, {{"buffer", "a"}, {"value", "0"}})});
    plan::PlanFacts facts;
    facts.here = false;
    facts.host = plan::HostMemory{64, "node.xml", true};
    auto plans = plan_all(workload, ranks(1), facts);
    CHECK(plans.problems.empty());
    CHECK(plans.unchecked ==
          std::vector<std::string>{"how much memory is free on the ranks' nodes"});
    plans = plan_all(workload, ranks(8), facts);
    REQUIRE(plans.problems.size() == 1);
    CHECK(plans.problems[0].text.find("64 B are in the node, by node.xml, shared by 8 tasks") !=
          std::string::npos);
    facts.host.reset();
    plans = plan_all(workload, ranks(8), facts);
    CHECK(plans.problems.empty());
    CHECK(plans.unchecked == std::vector<std::string>{"the memory of the ranks' nodes"});
}

TEST_CASE("plan: registers are judged where somebody knows them, and left unchecked elsewhere") {
    auto workload = test::with_buffers({"a"}, {a_step("s", "k", 4, {})});
    workload::KernelSpec kernel;
    kernel.name = "k";
    kernel.mark = {"f.yaml", 7, 3};
    kernel.grid = {expression("1")};
    kernel.block = {expression("1024")};
    workload.kernels = {kernel};
    plan::PlanFacts facts;
    facts.devices[0].facts.kind = device::Kind::cuda;
    const std::string question = "the registers of kernels, which their compiler knows";
    const auto asks = [&](const plan::StepPlans& plans) {
        const auto& all = plans.unchecked;
        return std::find(all.begin(), all.end(), question) != all.end();
    };
    auto plans = plan_all(workload, ranks(1), facts);
    CHECK(plans.problems.empty());
    CHECK(asks(plans));
    int times = 0;
    facts.compiled = [&](const workload::KernelSpec& spec) {
        ++times;
        return std::optional(kernels::ImageFunction{spec.name, {}, 128, std::size_t{0}});
    };
    plans = plan_all(workload, ranks(1), facts);
    CHECK_FALSE(asks(plans));
    REQUIRE(plans.problems.size() == 1);
    CHECK(plans.problems[0].text ==
          "f.yaml:7:3: kernel 'k': a block has 1024 threads (this kernel allows 512, with 128 "
          "registers each); choose a smaller 'block', or limit the registers with "
          "__launch_bounds__");
    CHECK(times == 1);
    workload.kernels[0].block = {expression("2048")};
    plans = plan_all(workload, ranks(1), facts);
    REQUIRE(plans.problems.size() == 1);
    CHECK(plans.problems[0].text.find("the block is 2048 in x") != std::string::npos);
    CHECK(times == 1);
}

TEST_CASE("plan: arguments that do not fit are refused as they are in a run") {
    auto workload = test::with_buffers(
        {"a", "b"}, {a_step("copy", "stream.copy", 10, {{"a", "a"}, {"c", "b"}})});
    workload.buffers[1].shape = {expression("4")};
    CHECK(message_of([&] {
              refuse_problems(workload);
          }).starts_with("f.yaml:10:5: step 'copy': 'a' has 8 elements but 'c' has 4"));
    workload.steps[0].condition = expression("rank > 0");
    CHECK(message_of([&] { refuse_problems(workload); }) == "no error");
    workload.steps[0] = a_step("up", "copy", 10, {{"from", "a"}, {"to", "b"}});
    CHECK(message_of([&] { refuse_problems(workload); }).find("'a' is 8 f32 but 'b' is 4 f32") !=
          std::string::npos);
    workload.steps[0] = a_step("same", "stream.copy", 10, {{"a", "a"}, {"c", "a"}});
    CHECK(message_of([&] { refuse_problems(workload); }).find("overlap") != std::string::npos);
}

TEST_CASE("plan: a global batch is cut so that no row is lost or repeated") {
    for (const int count : {1, 2, 3, 8, 13, 32}) {
        for (const int devices : {1, 2}) {
            const auto sets = cut(generated("442", "64"), count, devices);
            CHECK(all_rows(sets) == 442);
            CHECK(sets[0].batches == 7);
            CHECK(sets[0].batch_rows == 64);
        }
    }
    CHECK(cut(generated("10", "64"), 2)[0].batches == 1);
}

TEST_CASE("plan: batches of each rank, with and without shards") {
    auto spec = generated("100", "8");
    spec.split = workload::DatasetSpec::Split::per_rank;
    spec.intercept = true;
    const auto split = cut(spec, 3);
    CHECK(split[0].batch_rows == 24);
    CHECK(split[0].batches == 5);
    CHECK(split[0].features == 11);
    CHECK(all_rows(split) == 100);
    spec.shard = workload::Uneven::wrap;
    CHECK(cut(spec, 3)[2].rows_here == 34);
    CHECK(cut(spec, 3)[2].batches == 5);
    spec.shard = workload::Uneven::drop;
    CHECK(cut(spec, 3)[2].rows_here == 33);
    CHECK(cut(spec, 3)[0].batches == 5);
}

TEST_CASE("plan: a dataset that a run would refuse is refused") {
    const auto refusal = [](const workload::DatasetSpec& spec) {
        return message_of([&] { cut(spec, 1); });
    };
    CHECK(refusal(generated("10", "0")).find("'0' is 0 (it must be 1 or more)") !=
          std::string::npos);
    auto spec = generated("10", "4");
    CHECK(refusal(spec) == "no error");
    spec.shuffle_seed = expression("-1");
    CHECK(refusal(spec).find("'-1' is -1 (it must be 0 or more)") != std::string::npos);
    spec.shuffle_seed = expression("7");
    CHECK(cut(spec, 1)[0].seed == 7);
    spec.generate->noise = expression("-1");
    CHECK(refusal(spec).find("'noise' is -1 (a standard deviation); give 0 or more") !=
          std::string::npos);
    spec = generated("3", "4");
    spec.split = workload::DatasetSpec::Split::per_rank;
    spec.shard = workload::Uneven::drop;
    CHECK(message_of([&] { cut(spec, 4); }) ==
          "dataset 'train' has 3 rows for 4 members ('uneven: drop' leaves none); use fewer ranks "
          "or 'uneven: wrap'");
}

TEST_CASE("plan: the shape of a table is read without its numbers") {
    const auto folder = std::filesystem::temp_directory_path() /
                        ("warpstep-table-shape-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "t.csv") << "a,b,c\n1,2,3\n\n4,5,6\n";
    std::ofstream(folder / "t.npy")
        << std::string("\x93NUMPY\x01\x00\x76\x00", 10)
        << "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 11), }\n";
    std::ofstream(folder / "bad.npy") << "no table";
    CHECK(data::shape_of_table(folder / "t.csv").rows == 2);
    CHECK(data::shape_of_table(folder / "t.csv").columns == 3);
    CHECK(data::shape_of_table(folder / "t.npy").rows == 1'000'000'000);
    CHECK(data::shape_of_table(folder / "t.npy").columns == 11);
    CHECK_THROWS_AS(data::shape_of_table(folder / "bad.npy"), ConfigError);
    CHECK_THROWS_AS(data::shape_of_table(folder / "none.csv"), ConfigError);
    std::filesystem::remove_all(folder);
}

TEST_CASE("plan: ranks share a plan unless something that they ask for differs") {
    auto workload = test::with_buffers({"a"}, {a_step("meet", "all_reduce", 5, {{"buffer", "a"}})});
    auto same = plan_all(workload, ranks(64), facts).ranks;
    CHECK(std::count(same.begin(), same.end(), same[0]) == 64);
    workload.steps[0].condition = expression("rank < 40 or ranks < 64");
    auto halves = plan_all(workload, ranks(64), facts).ranks;
    CHECK(halves[0]->steps[0].active);
    CHECK_FALSE(halves[40]->steps[0].active);
    workload.buffers[0].shape = {expression("8 + local_rank % 2")};
    auto pairs = plan_all(workload, ranks(4), facts).ranks;
    CHECK(pairs[0] != pairs[1]);
    CHECK(pairs[1]->buffers[0].count == 9);
}
