// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/own_gpu.hpp"

#include <doctest/doctest.h>

#include "tests/check/healthy_step.hpp"

using namespace warpstep;
using check::Facts;
using check::own_gpu;
using check::RankFacts;
using Indices = std::vector<std::size_t>;

namespace {

/// Rank 3 of a node of eight tasks, told by NVML and the variable only.
struct OneRank {
    Facts facts = test::healthy_node(8);
    RankFacts& rank = facts.ranks[3];
    check::NodeFacts& node = facts.nodes[0];
    OneRank() { rank.cuda_gpus.reset(); }
    void set_visible(const char* list) { rank.env["CUDA_VISIBLE_DEVICES"] = list; }
};

}  // namespace

TEST_CASE("check: where all tasks see all GPUs, a task's is that of its local rank") {
    const Facts facts = test::healthy_step();
    for (const RankFacts& rank : facts.ranks)
        CHECK_EQ(own_gpu(*facts.node(rank.node), rank), static_cast<std::size_t>(rank.local_rank));
}

TEST_CASE("check: a task that sees one GPU uses it") {
    OneRank one;
    one.set_visible("6");
    CHECK_EQ(own_gpu(one.node, one.rank), 6);
    one.set_visible(test::uuid_of("n1", 5).c_str());
    CHECK_EQ(own_gpu(one.node, one.rank), 5);
    one.rank.cuda_gpus = {{test::uuid_of("n1", 2)}};
    CHECK_EQ(own_gpu(one.node, one.rank), 2);
}

TEST_CASE("check: a task to which some of the GPUs were dealt uses the first of them") {
    OneRank one;
    one.set_visible("6,7");
    CHECK_EQ(own_gpu(one.node, one.rank), 6);
}

TEST_CASE("check: numbers count the GPUs that NVML shows in a control group") {
    OneRank one;
    one.rank.nvml_gpus = {{test::uuid_of("n1", 4), "", 4, true}};
    one.set_visible("0");
    CHECK_EQ(own_gpu(one.node, one.rank), 4);
    one.rank.env.erase("CUDA_VISIBLE_DEVICES");
    CHECK_EQ(own_gpu(one.node, one.rank), 4);
}

TEST_CASE("check: an entry that names no GPU ends the list") {
    OneRank one;
    one.set_visible("2,9,3");
    CHECK_EQ(check::visible_gpus(one.node, one.rank), Indices{2});
    one.set_visible("-1,2");
    CHECK_EQ(check::visible_gpus(one.node, one.rank), Indices{});
    one.set_visible("");
    CHECK_FALSE(own_gpu(one.node, one.rank));
    one.set_visible("1,1,0");
    CHECK_EQ(check::visible_gpus(one.node, one.rank), Indices{1, 0});
}

TEST_CASE("check: an instance counts as its GPU") {
    OneRank one;
    one.node.gpus[1].modes.mig_instances = {"MIG-aaaa", "MIG-bbbb"};
    one.set_visible("MIG-bbbb");
    CHECK_EQ(own_gpu(one.node, one.rank), 1);
}

TEST_CASE("check: GPUs without UUIDs go by their PCI addresses") {
    OneRank one;
    for (check::GpuFacts& gpu : one.node.gpus) gpu.uuid = "";
    for (check::SeenGpu& gpu : *one.rank.nvml_gpus) gpu.uuid = "";
    one.rank.cuda_gpus = std::vector<std::string>(8);
    CHECK_EQ(own_gpu(one.node, one.rank), 3);
}

TEST_CASE("check: with more tasks than GPUs, or without an answer, the GPU is not known") {
    OneRank one;
    one.rank.local_rank = 8;
    CHECK_FALSE(own_gpu(one.node, one.rank));
    one.rank.local_rank = 3;
    CHECK(own_gpu(one.node, one.rank));
    one.rank.nvml_gpus.reset();
    CHECK_FALSE(own_gpu(one.node, one.rank));
}

TEST_CASE("check: what is near a GPU follows from its NUMA node where the bus tells nothing") {
    OneRank one;
    check::GpuFacts gpu = one.node.gpus[6];
    gpu.near_cpus = "";
    CHECK_EQ(show(check::near_cpus_of(one.node, gpu)), "56-111,168-223");
    gpu.numa = -1;
    CHECK(check::near_cpus_of(one.node, gpu).empty());
}
