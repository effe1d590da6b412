// SPDX-License-Identifier: Apache-2.0
// The described machines of slurm/topologies are the machines that their names say.
#include <doctest/doctest.h>

#include <set>

#include "runtime/topology/discover.hpp"
#include "tests/support/source_dir.hpp"

using namespace warpstep;
using namespace warpstep::topology;

namespace {

Node shipped(const std::string& name) {
    NodeRequest request;
    request.xml = test::source_dir() + "/slurm/topologies/" + name + ".xml";
    Node node = discover_node(request);
    CHECK(node.notes.empty());
    CHECK(node.step_gpus.size() == node.gpus.size());
    return node;
}

/// NUMA node of each GPU.
std::vector<int> gpu_numas(const Node& node) {
    std::vector<int> result;
    for (const Gpu& gpu : node.gpus) result.push_back(gpu.numa);
    return result;
}

/// How many adapters are behind the switch of a GPU.
std::size_t nics_beside(const Gpu& gpu, const Node& node) {
    std::size_t count = 0;
    for (const Nic& nic : node.nics) count += nic.path == gpu.path;
    return count;
}

using Numas = std::vector<int>;
using Matrix = std::vector<std::vector<int>>;

}  // namespace

TEST_CASE("topology: dgx-h100 has a fabric adapter behind the switch of each GPU") {
    const Node node = shipped("dgx-h100");
    CHECK(node.cores.size() == 112);
    CHECK(gpu_numas(node) == Numas{0, 0, 0, 0, 1, 1, 1, 1});
    CHECK(node.gpus[0].uuid == "GPU-d6000000-4100-8000-0000-000000000000");
    CHECK(show(node.gpus[7].pci) == "0000:df:00.0");
    CHECK(node.gpus[3].memory_bytes == std::uint64_t{80} << 30);
    CHECK(show(node.gpus[0].near_cpus) == "0-55,112-167");
    std::set<PciPath> switches;
    for (const Gpu& gpu : node.gpus) {
        CHECK(gpu.path.size() == 2);
        CHECK(nics_beside(gpu, node) == 1);
        switches.insert(gpu.path);
    }
    CHECK(switches.size() == 8);
    CHECK(node.nics.size() == 8);
    CHECK(node.nics[0].fabric);
    CHECK(node.numa_distances == Matrix{{10, 21}, {21, 10}});
}

TEST_CASE("topology: dgx2 has 16 GPUs, two and an adapter behind each switch") {
    const Node node = shipped("dgx2");
    REQUIRE(node.gpus.size() == 16);
    CHECK(node.nics.size() == 8);
    for (std::size_t i = 0; i < 16; i += 2) {
        CHECK(node.gpus[i].path == node.gpus[i + 1].path);
        CHECK(nics_beside(node.gpus[i], node) == 1);
        CHECK(node.gpus[i].numa == (i < 8 ? 0 : 1));
    }
    CHECK(node.gpus[1].path != node.gpus[2].path);
}

TEST_CASE("topology: four-gpu-epyc has GPUs near NUMA nodes 3, 1, 7 and 5") {
    const Node node = shipped("four-gpu-epyc");
    CHECK(gpu_numas(node) == Numas{3, 1, 7, 5});
    CHECK(node.gpus[1].uuid == "GPU-e4000000-7763-8000-0000-000000000001");
    REQUIRE(node.numa_distances.size() == 8);
    CHECK(node.numa_distances[7][0] == 11);
}

TEST_CASE("topology: power9 has sparse CPU and NUMA numbers and GPU memory as NUMA nodes") {
    const Node node = shipped("power9");
    CHECK(show(node.cpus) == "0-83,88-171");
    CHECK(show(node.cores[21].cpus) == "88-91");
    CHECK(gpu_numas(node) == Numas{0, 0, 0, 8, 8, 8});
    REQUIRE(node.numa_nodes.size() == 8);
    CHECK(node.numa_nodes[1].os_index == 8);
    CHECK(show(node.numa_nodes[1].cpus) == "88-171");
    for (std::size_t i = 2; i < 8; ++i) {
        CHECK(node.numa_nodes[i].cpus.empty());
        CHECK(node.numa_nodes[i].memory_bytes == std::uint64_t{16} << 30);
    }
    CHECK(node.gpus[0].path == node.gpus[2].path);
}

TEST_CASE("topology: gh200-quad and gb200 have GPU memory beside the CPUs' nodes") {
    const Node quad = shipped("gh200-quad");
    CHECK(quad.cores.size() == 288);
    CHECK(gpu_numas(quad) == Numas{0, 1, 2, 3});
    REQUIRE(quad.numa_nodes.size() == 8);
    CHECK(show(quad.numa_nodes[3].cpus) == "216-287");
    CHECK(quad.numa_nodes[4].os_index == 4);
    CHECK(quad.numa_nodes[4].cpus.empty());
    CHECK(quad.numa_distances[0] == Numas{10, 40, 40, 40, 80, 120, 120, 120});

    const Node two = shipped("gb200");
    CHECK(two.cores.size() == 144);
    CHECK(gpu_numas(two) == Numas{0, 0, 1, 1});
    CHECK(two.numa_nodes.size() == 6);
    CHECK(two.numa_distances[5] == Numas{120, 80, 160, 160, 160, 10});
    CHECK(two.gpus[3].pci.domain == 0x19);
}

TEST_CASE("topology: cloud-vm does not tell where its GPUs are") {
    const Node node = shipped("cloud-vm");
    REQUIRE(node.gpus.size() == 4);
    for (const Gpu& gpu : node.gpus) {
        CHECK_FALSE(gpu.located);
        CHECK(gpu.numa == -1);
        CHECK(gpu.near_cpus == node.cpus);
    }
    CHECK(node.numa_distances.empty());
    REQUIRE(node.nics.size() == 1);
    CHECK_FALSE(node.nics[0].fabric);
    CHECK(node.nics[0].name == "eth0");
}

TEST_CASE("topology: mi250x has a die near each L3 cache, in mixed order") {
    const Node node = shipped("mi250x");
    REQUIRE(node.gpus.size() == 8);
    const int die_of_cache[] = {4, 5, 2, 3, 6, 7, 0, 1};
    for (int cache = 0; cache < 8; ++cache) {
        const Gpu& gpu = node.gpus[static_cast<std::size_t>(die_of_cache[cache])];
        CHECK(gpu.near_cpus.size() == 16);
        CHECK(gpu.near_cpus.contains(cache * 8));
        CHECK(gpu.numa == cache / 2);
        CHECK(gpu.vendor == amd_vendor);
        CHECK(gpu.memory_bytes == std::uint64_t{64} << 30);
    }
    CHECK(node.nics[0].name == "cxi0");
    CHECK(nics_beside(node.gpus[1], node) == 1);
    CHECK(nics_beside(node.gpus[0], node) == 0);
}

TEST_CASE("topology: mig-a100 has seven instances of one GPU") {
    const Node node = shipped("mig-a100");
    REQUIRE(node.gpus.size() == 7);
    for (int i = 0; i < 7; ++i) {
        const Gpu& gpu = node.gpus[static_cast<std::size_t>(i)];
        CHECK(gpu.index == 0);
        CHECK(gpu.mig_index == i);
        CHECK(gpu.memory_bytes == std::uint64_t{4864} << 20);
        CHECK(gpu.uuid == "GPU-a1000000-0007-8000-0000-000000000000");
    }
    CHECK(node.gpus[6].visible_name() == "MIG-a1000000-0007-8000-0007-000000000000");
}
