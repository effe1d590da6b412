// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/layout.hpp"

#include <doctest/doctest.h>

#include <map>

#include "runtime/base/error.hpp"

using namespace warpstep;
using plan::LayoutWish;
using plan::step_layout;
using Tasks = std::vector<int>;

namespace {

step::Lookup variables(const std::map<std::string, std::string>& set) {
    return [set](const char* name) -> std::optional<std::string> {
        const auto it = set.find(name);
        if (it == set.end()) return std::nullopt;
        return it->second;
    };
}

LayoutWish asks(int ranks, int per_node = 0) {
    LayoutWish options;
    options.ranks = ranks;
    options.per_node = per_node;
    return options;
}

}  // namespace

TEST_CASE("plan: a dry run has the ranks that were asked for, node by node") {
    CHECK(step_layout(asks(8), variables({}), {}).tasks == Tasks{8});
    CHECK(step_layout(asks(7, 3), variables({}), {}).tasks == Tasks{3, 3, 1});
    CHECK(step_layout(asks(2, 8), variables({}), {}).tasks == Tasks{2});
    LayoutWish local;
    local.local_ranks = 3;
    CHECK(step_layout(local, variables({}), {}).tasks == Tasks{3});
    CHECK(step_layout(LayoutWish{}, variables({}), {}).tasks == Tasks{1});
    CHECK(step_layout(LayoutWish{}, variables({}), {}).by.empty());
}

TEST_CASE("plan: a dry run in a job takes its step's or the allocation's tasks") {
    const auto step = variables({{"SLURM_JOB_ID", "7"},
                                 {"SLURM_STEP_ID", "0"},
                                 {"SLURM_STEP_TASKS_PER_NODE", "4(x2),3"},
                                 {"SLURM_TASKS_PER_NODE", "9"}});
    CHECK(step_layout(LayoutWish{}, step, {}).tasks == Tasks{4, 4, 3});
    CHECK(step_layout(LayoutWish{}, step, {}).by == "as this job step");
    CHECK(step_layout(asks(2), step, {}).tasks == Tasks{2});
    const auto job = variables({{"SLURM_JOB_ID", "7"}, {"SLURM_TASKS_PER_NODE", "2(x2)"}});
    CHECK(step_layout(LayoutWish{}, job, {}).tasks == Tasks{2, 2});
}

TEST_CASE("plan: a job of more tasks than a dry run plans is refused with what to type") {
    const auto job = variables({{"SLURM_JOB_ID", "7"}, {"SLURM_TASKS_PER_NODE", "4(x2147483647)"}});
    CHECK_THROWS_WITH_AS(step_layout(LayoutWish{}, job, {}), doctest::Contains("type --ranks N"),
                         ConfigError);
}

TEST_CASE("plan: without a launcher a dry run has as many ranks as the file asks for") {
    const auto rule = [](const char* text) { return workload::Expression::parse(text); };
    workload::Workload workload;
    workload.ranks.exact = rule("6");
    workload.ranks.per_node = rule("2");
    CHECK(step_layout(LayoutWish{}, variables({}), workload).tasks == Tasks{2, 2, 2});
    workload.ranks = {};
    workload.ranks.min = rule("5");
    workload.ranks.multiple_of = rule("4");
    CHECK(step_layout(LayoutWish{}, variables({}), workload).tasks == Tasks{8});
    CHECK(step_layout(LayoutWish{}, variables({}), workload).by == "by 'ranks' of the file");
}

TEST_CASE("plan: ranks of no launcher know their place") {
    const auto steps = plan::steps_of({2, 1});
    REQUIRE(steps.size() == 3);
    CHECK(steps[2].rank == 2);
    CHECK(steps[2].size == 3);
    CHECK(steps[2].local_rank == 0);
    CHECK(steps[2].local_size == 1);
    CHECK(steps[2].node == 1);
    CHECK(steps[2].nodes() == 2);
    CHECK(steps[0].node_ranks == std::vector<std::vector<int>>{{0, 1}, {2}});
}
