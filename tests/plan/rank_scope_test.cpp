// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/rank_scope.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "runtime/workload/names.hpp"
#include "tests/support/run_workload.hpp"

using namespace warpstep;
using plan::count_value;
using plan::RankScope;
using plan::text_value;
using workload::Expression;

namespace {

step::Step second_of_three() {
    step::Step step;
    step.rank = 1;
    step.size = 3;
    step.local_rank = 0;
    step.local_size = 2;
    step.node = 1;
    step.node_names = {"n1", "n2"};
    step.node_ranks = {{0}, {1, 2}};
    return step;
}

device::Facts gpu() {
    device::Facts facts;
    facts.kind = device::Kind::cuda;
    facts.name = "NVIDIA H200";
    facts.memory_bytes = 1 << 30;
    facts.sm_count = 132;
    facts.peak_memory_bandwidth = 4.8e12;
    return facts;
}

workload::Workload params(const std::vector<std::pair<std::string, std::string>>& list) {
    workload::Workload workload;
    for (const auto& [name, text] : list)
        workload.params.push_back({name, Expression::parse(text)});
    return workload;
}

}  // namespace

TEST_CASE("plan: a rank knows its identity and its device by name") {
    const RankScope scope({}, second_of_three(), gpu());
    CHECK(scope.find("rank") == count_value(1));
    CHECK(scope.find("ranks") == count_value(3));
    CHECK(scope.find("local_rank") == count_value(0));
    CHECK(scope.find("local_ranks") == count_value(2));
    CHECK(scope.find("node") == count_value(1));
    CHECK(scope.find("nodes") == count_value(2));
    CHECK(scope.find("device.kind") == text_value("cuda"));
    CHECK(scope.find("device.sm_count") == count_value(132));
    CHECK(scope.find("device.memory")->unit == workload::unit_bytes);
    CHECK(Expression::parse("device.peak.memory_bandwidth == 4.8TB/s").evaluate_truth(scope));
    CHECK_FALSE(scope.find("gpu"));
}

TEST_CASE("plan: every name that files may use is known, but for what only GPUs have") {
    const RankScope cuda({}, second_of_three(), gpu());
    const RankScope host({}, second_of_three(), device::Facts{});
    for (const auto& name : workload::reserved_names()) {
        CAPTURE(name);
        CHECK(cuda.find(name));
        CHECK(host.find(name).has_value() ==
              (!name.starts_with("gpu.") && !name.starts_with("device.peak.")));
    }
    for (const auto& [name, value] : cuda.all()) {
        const auto& reserved = workload::reserved_names();
        CHECK(std::find(reserved.begin(), reserved.end(), name) != reserved.end());
    }
}

TEST_CASE("plan: params are evaluated in order on every rank") {
    const auto workload = params({{"n", "select(rank == 1, 4Ki, 1)"}, {"twice", "2 * n"}});
    const RankScope scope(workload, second_of_three(), gpu());
    CHECK(scope.find("twice") == count_value(8192));
    CHECK_THROWS_AS(RankScope(params({{"twice", "2 * n"}, {"n", "1"}}), second_of_three(), gpu()),
                    ConfigError);
}

TEST_CASE("plan: loop names are told from the others and can change") {
    RankScope scope({}, second_of_three(), gpu());
    CHECK_FALSE(scope.is_loop_name("epoch"));
    scope.set_loop("epoch", count_value(0));
    scope.set_loop("epoch", count_value(5));
    CHECK(scope.is_loop_name("epoch"));
    CHECK_FALSE(scope.is_loop_name("rank"));
    CHECK(scope.find("epoch") == count_value(5));
    const auto names = scope.names();
    CHECK(std::count(names.begin(), names.end(), "epoch") == 1);
}
