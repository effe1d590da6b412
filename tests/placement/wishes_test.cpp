// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/wishes.hpp"

#include <doctest/doctest.h>

using namespace warpstep::placement;
using warpstep::topology::CpuSet;
using warpstep::topology::Node;

namespace {

/// Two packages of two NUMA nodes with two cores each; a GPU on the first node.
Node four_nodes() {
    Node node;
    node.packages = 2;
    for (int numa = 0; numa < 4; ++numa) {
        const CpuSet cpus(std::vector<int>{2 * numa, 2 * numa + 1});
        for (const int cpu : cpus.cpus())
            node.cores.push_back({cpu, CpuSet(std::vector<int>{cpu}), numa / 2, numa});
        node.numa_nodes.push_back({numa, cpus, 1, true});
        node.cpus = node.cpus | cpus;
    }
    node.allowed = node.cpus;
    warpstep::topology::Gpu gpu;
    gpu.near_cpus = node.numa_nodes[0].cpus;
    gpu.located = true;
    node.gpus = {gpu};
    node.step_gpus = {0};
    return node;
}

Price price_of(const Ground& ground, int cpu) {
    for (std::size_t pool = 0; pool < ground.pools.size(); ++pool)
        for (const AllowedCore& core : ground.pools[pool])
            if (core.cpus.contains(cpu)) return ground.wishes[0][pool];
    return never;
}

}  // namespace

TEST_CASE("placement: without a distance matrix the package tells how far a core is") {
    const Node node = four_nodes();
    const Ground ground = ground_of(node, allowed_cores(node, {}), {0});
    CHECK(ground.localities.at(0).cores == 2);
    CHECK(ground.pools.size() == 3);
    CHECK(price_of(ground, 0) == 0);
    CHECK(price_of(ground, 2) == far_away + 20);
    CHECK(price_of(ground, 4) == far_away + 30);
    CHECK(price_of(ground, 6) == far_away + 30);
}

TEST_CASE("placement: the distance matrix counts, the least over the locality's nodes") {
    Node node = four_nodes();
    node.numa_distances = {{10, 12, 21, 32}, {12, 10, 32, 17}, {21, 32, 10, 12}, {32, 17, 12, 10}};
    Ground ground = ground_of(node, allowed_cores(node, {}), {0});
    CHECK(price_of(ground, 2) == far_away + 12);
    CHECK(price_of(ground, 4) == far_away + 21);
    CHECK(price_of(ground, 6) == far_away + 32);
    node.gpus[0].near_cpus = node.numa_nodes[0].cpus | node.numa_nodes[1].cpus;
    ground = ground_of(node, allowed_cores(node, {}), {0});
    CHECK(price_of(ground, 6) == far_away + 17);
    // A group of cores inside a node: the rest of the node is not near, but at its own distance.
    node.gpus[0].near_cpus = CpuSet(std::vector<int>{0});
    ground = ground_of(node, allowed_cores(node, {}), {0});
    CHECK(price_of(ground, 1) == far_away + 10);
}

TEST_CASE("placement: a task is as near as the nearest of its GPUs, and anywhere without any") {
    Node node = four_nodes();
    node.gpus.push_back(node.gpus[0]);
    node.gpus[1].near_cpus = node.numa_nodes[3].cpus;
    const Ground ground = ground_of(node, allowed_cores(node, {}), {0, 1});
    const Wish both = ground.wish_of({0, 1}), none = ground.wish_of({});
    for (std::size_t pool = 0; pool < ground.pools.size(); ++pool) {
        CHECK(both[pool] == std::min(ground.wishes[0][pool], ground.wishes[1][pool]));
        CHECK(none[pool] == 0);
    }
}

TEST_CASE("placement: a core contributes its lowest allowed threads") {
    Node node = four_nodes();
    node.cores = {{0, CpuSet::parse("0,4,8,12"), 0, 0}};
    node.allowed = CpuSet::parse("4-12");
    CHECK(show(allowed_cores(node, 2).at(0).cpus) == "4,8");
    CHECK(show(allowed_cores(node, 9).at(0).cpus) == "4,8,12");
    CHECK(pus_in(allowed_cores(node, {})) == 3);
}

TEST_CASE("placement: CPUs are divided as finely as the number of tasks needs") {
    Node node = four_nodes();
    for (auto& core : node.cores) core.cpus.add(core.logical + 8);
    node.allowed = CpuSet::parse("0-3,8-11");
    const std::vector<AllowedCore> cores = allowed_cores(node, {});
    CHECK(grain_for(4, cores) == Grain::cores);
    CHECK(grain_for(5, cores) == Grain::pus);
    CHECK(grain_for(8, cores) == Grain::pus);
    CHECK(grain_for(9, cores) == Grain::round_robin);
    const Capacity rounds = capacities({cores}, Grain::round_robin, 20).at(0);
    CHECK(rounds.first == 16);
    CHECK(rounds.further == 8);
}
