// SPDX-License-Identifier: Apache-2.0
// Where children of probes sit: as a run would place its tasks, with a seat for every GPU.
#include <doctest/doctest.h>

#include <set>

#include "runtime/probes/seats.hpp"

using namespace warpstep;
using namespace warpstep::check::probes;

namespace {

/// Two NUMA nodes of four cores, two GPUs at each.
topology::Node machine() {
    topology::Node node;
    node.source = "live";
    node.cpus = topology::CpuSet::parse("0-7");
    node.allowed = node.cpus;
    node.packages = 2;
    for (int i = 0; i < 8; ++i) {
        node.cores.push_back({i, topology::CpuSet::parse(std::to_string(i)), i / 4, i / 4});
    }
    for (int n = 0; n < 2; ++n)
        node.numa_nodes.push_back({n, topology::CpuSet::parse(n == 0 ? "0-3" : "4-7"), 1, true});
    for (int i = 0; i < 4; ++i) {
        topology::Gpu gpu;
        gpu.pci.bus = static_cast<unsigned>(0x10 + i);
        gpu.index = i;
        gpu.uuid = "GPU-" + std::to_string(i);
        gpu.serial = "S" + std::to_string(i);
        gpu.numa = i / 2;
        gpu.near_cpus = node.numa_nodes[static_cast<std::size_t>(i / 2)].cpus;
        gpu.located = true;
        gpu.vendor = topology::nvidia_vendor;
        node.gpus.push_back(gpu);
        node.step_gpus.push_back(i);
    }
    node.visible_order = node.step_gpus;
    return node;
}

step::Step task(int local_rank, int local_size) {
    step::Step step;
    step.rank = local_rank;
    step.size = step.local_size = local_size;
    step.local_rank = local_rank;
    step.node_names = {"n1"};
    step.node_ranks = {{}};
    for (int i = 0; i < local_size; ++i) step.node_ranks[0].push_back(i);
    return step;
}

std::vector<Seat> of(int local_rank, const std::vector<std::string>& views, bool gpus = true) {
    return seats_of(task(local_rank, static_cast<int>(views.size())), machine(), views, gpus);
}

}  // namespace

TEST_CASE("check: each of as many tasks as GPUs has one seat near its GPU") {
    const std::vector<std::string> views(4, view_of(machine(), "0-7"));
    std::set<std::string> gpus;
    for (int rank = 0; rank < 4; ++rank) {
        const auto seats = of(rank, views);
        REQUIRE(seats.size() == 1);
        gpus.insert(seats[0].place.gpu_uuid);
        CHECK(seats[0].gpu);
        CHECK(seats[0].place.rank == rank);
        CHECK(seats[0].place.node == "n1");
        const auto cpus = topology::CpuSet::parse(seats[0].seat.cpus);
        CHECK(machine().gpus[static_cast<std::size_t>(rank)].near_cpus.contains(cpus));
    }
    CHECK(gpus.size() == 4);
}

TEST_CASE("check: one task has a seat for every GPU of its node") {
    const auto seats = of(0, {view_of(machine(), "0-7")});
    REQUIRE(seats.size() == 4);
    std::set<std::string> cpus;
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(seats[i].seat.gpu == show(machine().gpus[i].pci));
        CHECK(seats[i].place.serial == "S" + std::to_string(i));
        cpus.insert(seats[i].seat.cpus);
    }
    CHECK(cpus.size() == 4);
}

TEST_CASE("check: GPUs that are no multiple of the tasks are all seated") {
    const std::vector<std::string> views(3, view_of(machine(), "0-7"));
    CHECK(of(0, views).size() == 2);
    CHECK(of(1, views).size() == 1);
    CHECK(of(2, views).size() == 1);
}

TEST_CASE("check: tasks with GPUs of their own keep to them") {
    const std::vector<std::string> views{"0-1 0000:12:00.0 0000:13:00.0", "4-7 0000:10:00.0"};
    const auto first = of(0, views), second = of(1, views);
    REQUIRE(first.size() == 2);
    REQUIRE(second.size() == 1);
    CHECK(first[0].seat.gpu == "0000:12:00.0");
    CHECK(first[1].seat.gpu == "0000:13:00.0");
    CHECK(second[0].seat.gpu == "0000:10:00.0");
}

TEST_CASE("check: a GPU that only a neighbour sees is seated by its address") {
    const std::vector<std::string> views{"0-3 0000:10:00.0", "4-7 0000:99:00.0"};
    const auto seats = of(1, views);
    REQUIRE(seats.size() == 1);
    CHECK(seats[0].seat.gpu == "0000:99:00.0");
    CHECK(seats[0].place.gpu_uuid.empty());
}

TEST_CASE("check: without GPUs every task has one seat of its own cores") {
    const std::vector<std::string> views(2, view_of(machine(), "0-7"));
    const auto first = of(0, views, false), second = of(1, views, false);
    REQUIRE(first.size() == 1);
    REQUIRE(second.size() == 1);
    CHECK_FALSE(first[0].gpu);
    CHECK(first[0].seat.gpu.empty());
    CHECK(first[0].seat.cpus != second[0].seat.cpus);
}
