// SPDX-License-Identifier: Apache-2.0
// Whole workloads on several ranks of this machine.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "runtime/device/host/host_device.hpp"
#include "tests/support/fork_ranks.hpp"
#include "tests/support/run_workload.hpp"
#include "tests/support/source_dir.hpp"

using namespace warpstep;
using execution::Judgement;
using execution::RankResult;
using execution::Verdict;
using test::expect;

namespace {

using Layout = std::vector<int>;

// Runs the workload on every rank and hands the judgement of all to `check`, on rank 0.
std::vector<int> run(const Layout& layout, const workload::Workload& workload,
                     const std::function<void(const Judgement&)>& check) {
    const auto outcome = test::fork_ranks(layout, [&](test::Rank& rank) {
        device::host::HostDevice device(1);
        const execution::Machine machine{rank.step,         device,      device.cores(), nullptr,
                                         rank.communicator, rank.channel};
        const RankResult mine = test::run_workload(workload, machine);
        const auto blobs =
            rank.channel.gather(execution::encode(mine), Deadline::in(std::chrono::seconds(20)));
        if (rank.step.rank != 0) return;
        std::vector<RankResult> all;
        for (const auto& blob : blobs) all.push_back(execution::decode_result(blob));
        check(execution::judge(workload, all));
    });
    return outcome.status;
}

workload::Workload config(const std::string& name, const std::vector<std::string>& overrides = {}) {
    return workload::load_workload(test::source_dir() + "/configs/" + name, overrides,
                                   plan::operations());
}

}  // namespace

TEST_CASE("execution: SGD gives the same fit however many ranks share the batches") {
    for (const Layout& layout : {Layout{2}, Layout{3}, Layout{2, 1}}) {
        const auto status = run(layout, config("data-parallel-sgd.yaml"), [](const Judgement& j) {
            expect(j.verdict == Verdict::passed, "not passed");
            const double mse = j.steps.back().numbers.at("mse");
            expect(mse >= 2859.69 && mse <= 2888.29, fmt::format("mse is {}", mse));
            expect(j.verify.size() == 1 && j.verify[0].verdict == Verdict::passed, "w differs");
        });
        CHECK(status == std::vector<int>(status.size(), 0));
    }
}

TEST_CASE("execution: the sum over ranks is exact, also with one element") {
    for (const std::string n : {"n=1", "n=1001", "n=1Mi"}) {
        const auto status = run({3}, config("all-reduce.yaml", {n}), [](const Judgement& j) {
            expect(j.verdict == Verdict::passed, "not passed");
            expect(j.steps.at(0).ranks == 3, "ran elsewhere");
            expect(j.steps.at(0).metrics.size() == 3, "time, algbw and busbw were not measured");
        });
        CHECK(status == Layout{0, 0, 0});
    }
}

TEST_CASE("execution: triad passes on every rank of a node") {
    const auto status = run({2}, config("stream-triad.yaml", {"n=64Ki"}), [](const Judgement& j) {
        expect(j.verdict == Verdict::passed, "not passed");
        expect(j.expectations.size() == 2, "expectations are missing");
        expect(j.expectations[0].verdict == Verdict::skipped, "meant for GPUs only");
    });
    CHECK(status == Layout{0, 0});
}

TEST_CASE("execution: a buffer that differs on one rank is found, with the rank") {
    const auto workload = test::parse(R"(version: 1
name: t
buffers: { b: { count: 3 } }
steps:
  - name: fill
    run: fill
    with: { buffer: b, value: 'select(rank == 2, 1, 0)' }
    verify: { b: { same_on_all_ranks: true } }
)");
    const auto status = run({3}, workload, [](const Judgement& j) {
        expect(j.verdict == Verdict::failed, "not failed");
        expect(j.verify.at(0).detail == "rank 2 on n1: b differs from that of rank 0",
               j.verify.at(0).detail);
    });
    CHECK(status == Layout{0, 0, 0});
}

TEST_CASE("execution: gathered parts are in rank order and broadcast comes from the root") {
    const auto workload = test::parse(R"(version: 1
name: t
buffers:
  mine: { dtype: i64, count: 5, init: rank }
  all: { dtype: i64, count: 5 * ranks }
  last: { dtype: i64, count: 1, init: rank }
steps:
  - name: gather
    run: all_gather
    with: { from: mine, to: all }
    verify: { all: { equals: (index - index % 5) / 5 } }
  - name: root
    run: broadcast
    with: { buffer: last, root: ranks - 1 }
    verify: { last: { equals: ranks - 1 } }
)");
    const auto status = run({2, 2}, workload, [](const Judgement& j) {
        expect(j.verdict == Verdict::passed, "not passed");
        expect(j.verify.size() == 2, "not verified");
    });
    CHECK(status == Layout{0, 0, 0, 0});
}
