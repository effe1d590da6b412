// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/map_rows.hpp"

#include <doctest/doctest.h>

using namespace warpstep;
using cli::TaskFacts;
using report::Verdict;
using topology::CpuSet;

namespace {

/// Two packages of four cores, a GPU on each.
topology::Node two_packages() {
    topology::Node node;
    node.source = "live";
    node.packages = 2;
    for (int cpu = 0; cpu < 8; ++cpu)
        node.cores.push_back({cpu, CpuSet(std::vector<int>{cpu}), cpu / 4, cpu / 4});
    for (int package = 0; package < 2; ++package) {
        topology::Gpu gpu;
        gpu.pci = {0, static_cast<unsigned>(package + 1), 0, 0};
        gpu.index = gpu.numa = package;
        gpu.uuid = package == 0 ? "GPU-aaaaaaaa-1" : "GPU-bbbbbbbb-2";
        gpu.near_cpus = CpuSet::parse(package == 0 ? "0-3" : "4-7");
        gpu.located = true;
        topology::NumaNode numa;
        numa.os_index = package;
        numa.cpus = gpu.near_cpus;
        numa.memory_bytes = 1;
        node.numa_nodes.push_back(numa);
        node.gpus.push_back(gpu);
        node.step_gpus.push_back(package);
    }
    node.cpus = node.allowed = CpuSet::parse("0-7");
    node.numa_distances = {{10, 21}, {21, 10}};
    return node;
}

struct Case {
    topology::Node node = two_packages();
    placement::Request request;
    placement::Placement placement;
    std::vector<TaskFacts> tasks;

    Case() {
        request.tasks = 2;
        placement = plan(node, request);
        for (const auto& task : placement.tasks) {
            TaskFacts facts;
            facts.rank = 10 + task.local_rank;
            facts.local_rank = task.local_rank;
            facts.cpus = task.cpus;
            facts.memory = "preferred " + std::to_string(task.local_rank);
            tasks.push_back(facts);
        }
    }
    report::MapNode map(bool as_is = false, bool strict = false) const {
        return cli::map_node({node, request, placement, tasks, "n1", as_is, strict, false});
    }
};

}  // namespace

TEST_CASE("cli: a task that is where it was planned is ok") {
    const auto map = Case().map();
    REQUIRE(map.rows.size() == 2);
    CHECK(map.machine == "2 packages, 2 NUMA nodes, 8 cores, 2 GPUs (live)");
    CHECK(map.rows[1].rank == 11);
    CHECK(map.rows[1].gpu_pci == std::vector<std::string>{"0000:02:00.0"});
    CHECK(map.rows[1].cpus == "4-7");
    CHECK(map.rows[1].numa == std::vector<int>{1});
    CHECK(map.rows[1].distance == "near");
    CHECK(map.rows[1].verdict == Verdict::ok);
}

TEST_CASE("cli: an affinity that is not the planned one is bad, whatever is wrong with it") {
    for (const char* cpus : {"0-7", "5", "4-6", "0-3"}) {
        Case wrong;
        wrong.tasks[1].cpus = CpuSet::parse(cpus);
        const auto map = wrong.map();
        CHECK(map.rows[0].verdict == Verdict::ok);
        CHECK(map.rows[1].verdict == Verdict::bad);
        CHECK(map.rows[1].notes.at(0).find("but planned on 4-7") != std::string::npos);
    }
    Case far;
    far.tasks[1].cpus = CpuSet::parse("0-3");
    CHECK(far.map().rows[1].distance == "other package (21)");
}

TEST_CASE("cli: CUDA that does not show the planned GPU is bad") {
    Case hidden;
    hidden.tasks[1].cuda_devices = {{"0000:01:00.0", ""}};
    hidden.tasks[0].cuda_devices = {{"0000:01:00.0", ""}};
    const auto map = hidden.map();
    CHECK(map.rows[0].verdict == Verdict::ok);
    CHECK(map.rows[1].verdict == Verdict::bad);
    CHECK(map.rows[1].notes.at(0).find("CUDA does not show GPU 0000:02:00.0") == 0);
}

TEST_CASE("cli: an exception of the plan is a note, and bad when strict") {
    Case remote;
    remote.node.allowed = CpuSet::parse("0-3");
    remote.placement = plan(remote.node, remote.request);
    for (int i = 0; i < 2; ++i)
        remote.tasks[static_cast<std::size_t>(i)].cpus =
            remote.placement.tasks[static_cast<std::size_t>(i)].cpus;
    CHECK(remote.map().rows[1].verdict == Verdict::note);
    CHECK(remote.map().rows[1].notes.at(0).find("remote: GPU 0000:02:00.0") == 0);
    CHECK(remote.map(false, true).rows[1].verdict == Verdict::bad);
}

TEST_CASE("cli: as the launcher left it: far cores are bad, shared ones are noted") {
    Case swapped;
    std::swap(swapped.tasks[0].cpus, swapped.tasks[1].cpus);
    const auto far = swapped.map(true);
    CHECK(far.rows[0].verdict == Verdict::bad);
    CHECK(far.rows[0].notes.at(0).find("far from its GPU") == 0);
    Case free;
    for (auto& task : free.tasks) task.cpus = free.node.cpus;
    const auto shared = free.map(true);
    CHECK(shared.rows[0].verdict == Verdict::note);
    CHECK(shared.rows[0].notes.at(0).find("not bound to CPUs of its own") == 0);
    CHECK(Case().map(true).rows[0].verdict == Verdict::ok);
}

TEST_CASE("cli: on a described machine the plan is shown, whatever the real affinity is") {
    Case described;
    described.node.simulated = true;
    described.tasks[1].cpus = CpuSet::parse("0");
    const auto map = described.map();
    CHECK(map.simulated);
    CHECK(map.rows[1].cpus == "4-7");
    CHECK(map.rows[1].memory == "preferred 1");
    CHECK(map.rows[1].verdict == Verdict::ok);
}
