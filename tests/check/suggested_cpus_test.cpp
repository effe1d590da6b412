// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/suggested_cpus.hpp"

#include <doctest/doctest.h>

#include "tests/check/healthy_step.hpp"

using namespace warpstep;
using topology::CpuSet;

TEST_CASE(
    "check: the suggested CPUs are those of a healthy step, whatever the tasks are bound to") {
    check::Facts facts = test::healthy_node(8);
    std::vector<std::string> healthy;
    for (check::RankFacts& rank : facts.ranks) {
        healthy.push_back(rank.cpus);
        rank.cpus = "0";
    }
    const auto suggested = check::suggested_cpus(facts.nodes[0], facts.ranks_on("n1"));
    REQUIRE_EQ(suggested.size(), 8);
    for (std::size_t i = 0; i < 8; ++i) CHECK_EQ(show(suggested[i]), healthy[i]);
}

TEST_CASE("check: CPUs that the step may not use are not suggested") {
    check::Facts facts = test::healthy_node(8);
    facts.nodes[0].allowed_cpus = "0-7,56-63";
    const CpuSet allowed = CpuSet::parse(facts.nodes[0].allowed_cpus);
    const auto suggested = check::suggested_cpus(facts.nodes[0], facts.ranks_on("n1"));
    REQUIRE_EQ(suggested.size(), 8);
    for (const CpuSet& cpus : suggested) CHECK(allowed.contains(cpus));
}

TEST_CASE("check: nothing is suggested where no placement is possible") {
    check::Facts facts = test::healthy_node(8);
    facts.ranks[2].cuda_gpus.reset();
    facts.ranks[2].nvml_gpus.reset();
    CHECK(check::suggested_cpus(facts.nodes[0], facts.ranks_on("n1")).empty());
    CHECK(check::suggested_cpus(facts.nodes[0], {}).empty());
}

TEST_CASE("check: a mask has a bit for each CPU") {
    CHECK_EQ(check::cpu_mask(CpuSet()), "0x0");
    CHECK_EQ(check::cpu_mask(CpuSet::parse("0")), "0x1");
    CHECK_EQ(check::cpu_mask(CpuSet::parse("8-15")), "0xff00");
    CHECK_EQ(check::cpu_mask(CpuSet::parse("1,3,68")), "0x10000000000000000a");
}
