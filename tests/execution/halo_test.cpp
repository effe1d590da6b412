// SPDX-License-Identifier: Apache-2.0
// The exchange of halos, and a grid that several ranks sweep together.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "runtime/device/host/host_device.hpp"
#include "tests/support/fork_ranks.hpp"
#include "tests/support/run_workload.hpp"
#include "tests/support/solo.hpp"
#include "tests/support/source_dir.hpp"

using namespace warpstep;
using execution::RankResult;
using test::expect;

namespace {

using Layout = std::vector<int>;

constexpr std::int64_t inner = 13;
constexpr std::int64_t columns = inner + 2;

workload::Workload config(const std::vector<std::string>& overrides) {
    return workload::load_workload(test::source_dir() + "/configs/jacobi2d.yaml", overrides,
                                   plan::operations());
}

// The definition over the whole grid: the same sweeps and the same order of additions.
std::vector<double> whole_grid(int sweeps) {
    const auto at = [](std::int64_t i, std::int64_t j) {
        return static_cast<std::size_t>(i * columns + j);
    };
    std::vector<double> grid(static_cast<std::size_t>(columns * columns), 0.0);
    for (std::int64_t i = 0; i < columns; ++i) {
        for (std::int64_t j = 0; j < columns; ++j) {
            const bool edge = i == 0 || j == 0 || i == columns - 1 || j == columns - 1;
            if (edge) grid[at(i, j)] = static_cast<double>(i + j);
        }
    }
    for (int sweep = 0; sweep < sweeps; ++sweep) {
        const std::vector<double> old = grid;
        for (std::int64_t i = 1; i < columns - 1; ++i) {
            for (std::int64_t j = 1; j < columns - 1; ++j) {
                grid[at(i, j)] = ((old[at(i - 1, j)] + old[at(i + 1, j)]) +
                                  (old[at(i, j - 1)] + old[at(i, j + 1)])) /
                                 4;
            }
        }
    }
    return grid;
}

/// How many of a rank's points, halos included, differ from the whole grid's.
std::int64_t differing(const std::vector<double>& mine, int rank, int ranks,
                       const std::vector<double>& whole) {
    const std::int64_t begin = inner * rank / ranks * columns;
    std::int64_t wrong = 0;
    for (std::size_t e = 0; e < mine.size(); ++e) {
        if (mine[e] != whole[static_cast<std::size_t>(begin) + e]) ++wrong;
    }
    return wrong;
}

RankResult run_solo(const workload::Workload& workload) {
    test::Solo solo;
    return test::run_workload(workload, solo.machine());
}

std::vector<int> run(const Layout& layout, const workload::Workload& workload,
                     const std::function<void(test::Rank&, const RankResult&)>& check) {
    return test::fork_ranks(layout,
                            [&](test::Rank& rank) {
                                device::host::HostDevice device(1);
                                const execution::Machine machine{rank.step,         device,
                                                                 device.cores(),    nullptr,
                                                                 rank.communicator, rank.channel};
                                check(rank, test::run_workload(workload, machine));
                            })
        .status;
}

void expect_verified(const RankResult& result) {
    for (const auto& step : result.steps) {
        for (const auto& verified : step.verify) expect(verified.passed, verified.detail);
    }
}

}  // namespace

TEST_CASE("execution: a grid on any number of ranks has the bits of the whole grid") {
    auto workload = config({"n=13", "sweeps=20"});
    workload.steps.resize(workload.steps.size() - 2);  // 40 sweeps do not converge
    workload.report.values = {"even"};
    const std::vector<double> whole = whole_grid(40);
    CHECK(differing(run_solo(workload).values.at("even"), 0, 1, whole) == 0);
    for (const Layout& layout : {Layout{2}, Layout{3}, Layout{2, 1}, Layout{13}}) {
        const auto status = run(layout, workload, [&](test::Rank& rank, const RankResult& result) {
            const std::int64_t wrong =
                differing(result.values.at("even"), rank.step.rank, rank.step.size, whole);
            expect(wrong == 0, fmt::format("rank {}: {} differ", rank.step.rank, wrong));
        });
        CHECK(status == std::vector<int>(status.size(), 0));
    }
}

TEST_CASE("execution: the sample converges to the solution, with the same residual on any ranks") {
    const auto workload = config({"n=13", "sweeps=600"});
    const RankResult alone = run_solo(workload);
    const double residual = alone.values.at("residual").at(0);
    CHECK(residual < 1e-9);
    for (const Layout& layout : {Layout{2}, Layout{2, 2}}) {
        const auto status = run(layout, workload, [&](test::Rank&, const RankResult& result) {
            expect_verified(result);
            expect(result.values.at("residual").at(0) == residual, "another residual");
        });
        CHECK(status == std::vector<int>(status.size(), 0));
    }
}

TEST_CASE("execution: halos are the neighbours' rows, around the ring when it is periodic") {
    // Own rows hold rank * 10 + row, so that the first and the last own row differ.
    const std::string text = R"(version: 1
name: t
params: {{ own: rank + 1 }}
buffers: {{ grid: {{ dtype: i64, shape: [own + 2, 4], init: iota }}, before: {{ dtype: i64, shape: [own + 2, 4], init: iota }} }}
steps:
  - name: exchange
    run: halo_exchange
    with: {{ buffer: grid, periodic: {0} }}
    verify: {{ grid: {{ equals: 'select(index < 4, select({1}, index + 4 * above, index), select(index >= 4 * own + 4, select({2}, index - 4 * own, index), index))' }} }}
)";
    // iota: the row sent down by a rank with k own rows begins at 4 k, the one sent up at 4.
    const auto with = [&](const char* periodic, const char* from_above, const char* from_below) {
        auto filled = fmt::format(fmt::runtime(text), periodic, from_above, from_below);
        filled.replace(filled.find("own: rank + 1"), 13,
                       "own: rank + 1, above: 'select(rank == 0, ranks, rank)'");
        return test::parse(filled);
    };
    for (const Layout& layout : {Layout{2}, Layout{3}, Layout{2, 1}}) {
        const auto open = run(layout, with("no", "rank > 0", "rank < ranks - 1"),
                              [](test::Rank&, const RankResult& r) { expect_verified(r); });
        CHECK(open == std::vector<int>(open.size(), 0));
        const auto ring = run(layout, with("yes", "1 == 1", "1 == 1"),
                              [](test::Rank&, const RankResult& r) { expect_verified(r); });
        CHECK(ring == std::vector<int>(ring.size(), 0));
    }
    CHECK_NOTHROW(expect_verified(run_solo(with("yes", "1 == 1", "1 == 1"))));
    CHECK_NOTHROW(expect_verified(run_solo(with("no", "1 == 0", "1 == 0"))));
}

TEST_CASE("execution: a grid without rows of its own, or without rows at all, is refused") {
    const auto refused = [](const char* shape) {
        return test::refusal_of([&] {
            run_solo(test::parse(fmt::format(R"(version: 1
name: t
buffers: {{ grid: {{ {} }} }}
steps: [ {{ name: x, run: halo_exchange, with: {{ buffer: grid }} }} ]
)",
                                             shape)));
        });
    };
    CHECK(refused("shape: [2, 9]").find("'grid' has 2 rows") != std::string::npos);
    CHECK(refused("count: 9").find("'grid' has 1 dimensions") != std::string::npos);
    CHECK(refused("shape: [3, 9]") == "no error");
}
