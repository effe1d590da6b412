// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "runtime/base/error.hpp"
#include "runtime/placement/placement.hpp"
#include "runtime/topology/discover.hpp"
#include "tests/support/topology_xml.hpp"

using namespace warpstep;
using namespace warpstep::placement;
using namespace warpstep::testing;
using topology::CpuSet;
using topology::Node;

namespace {

Node node_of(const MachineModel& machine, const char* allowed = nullptr,
             const char* visible = nullptr) {
    const TemporaryFile file(topology_xml(machine));
    topology::NodeRequest request;
    request.xml = file.path();
    if (allowed) request.allowed_cpus = allowed;
    if (visible) request.visible_gpus = visible;
    return topology::discover_node(request);
}

Placement plan_tasks(const Node& node, int tasks) {
    Request request;
    request.tasks = tasks;
    return plan(node, request);
}

MachineModel cpus_only(int packages, int numa_per_package, int cores_per_numa, int smt = 1) {
    MachineModel machine;
    machine.packages = packages;
    machine.numa_per_package = numa_per_package;
    machine.cores_per_numa = cores_per_numa;
    machine.smt = smt;
    return machine;
}

/// The CPUs of all tasks: "0-3 4-7".
std::string cpus_of(const Placement& placement) {
    std::string text;
    for (const Task& task : placement.tasks) text += (text.empty() ? "" : " ") + show(task.cpus);
    return text;
}

bool has_note(const Task& task, const std::string& part) {
    return std::any_of(task.notes.begin(), task.notes.end(),
                       [&](const std::string& note) { return note.find(part) != note.npos; });
}

using Indices = std::vector<int>;

}  // namespace

TEST_CASE(
    "placement: eight tasks on a DGX-like node get a GPU each and an eighth of the cores, all "
    "near") {
    const Placement placement = plan_tasks(node_of(dgx_like()), 8);
    REQUIRE(placement.tasks.size() == 8);
    for (int rank = 0; rank < 8; ++rank) {
        const Task& task = placement.tasks[static_cast<std::size_t>(rank)];
        CHECK(task.local_rank == rank);
        CHECK(task.gpus == Indices{rank});
        CHECK(task.cores == 14);
        CHECK(task.cpus.size() == 28);
        CHECK(task.numa == Indices{rank / 4});
        CHECK_FALSE(task.remote);
        CHECK(task.notes.empty());
    }
    CHECK(show(placement.tasks[5].cpus) == "70-83,182-195");
    CHECK(placement.idle_cpus.empty());
    CHECK(placement.idle_gpus.empty());
}

TEST_CASE("placement: GPUs on NUMA nodes 3, 1, 7, 5 go to tasks in the order of the nodes") {
    const Placement placement = plan_tasks(node_of(rome_like()), 4);
    CHECK(placement.tasks[0].gpus == Indices{1});
    CHECK(placement.tasks[1].gpus == Indices{0});
    CHECK(placement.tasks[2].gpus == Indices{3});
    CHECK(placement.tasks[3].gpus == Indices{2});
    CHECK(cpus_of(placement) == "8-15 24-31 40-47 56-63");
    CHECK(show(placement.idle_cpus) == "0-7,16-23,32-39,48-55");
    for (const Task& task : placement.tasks) CHECK(task.notes.empty());
}

TEST_CASE("placement: without known locality every core is near and the cores are shared evenly") {
    MachineModel machine = cpus_only(2, 1, 6);
    for (int i = 0; i < 4; ++i)
        machine.gpus.push_back({"0000:0" + std::to_string(i) + ":00.0", unlocated, "", ""});
    const Placement placement = plan_tasks(node_of(machine), 4);
    CHECK(cpus_of(placement) == "0-2 3-5 6-8 9-11");
    for (const Task& task : placement.tasks) {
        CHECK(task.gpus == Indices{task.local_rank});
        CHECK_FALSE(task.remote);
        CHECK(task.notes.empty());
    }
}

TEST_CASE(
    "placement: three GPUs on two NUMA nodes are divided among two tasks along the boundary") {
    MachineModel machine = cpus_only(2, 1, 6);
    machine.gpus = {
        {"0000:01:00.0", 0, "", ""}, {"0000:02:00.0", 1, "", ""}, {"0000:03:00.0", 1, "", ""}};
    const Placement placement = plan_tasks(node_of(machine), 2);
    CHECK(placement.tasks[0].gpus == Indices{0});
    CHECK(placement.tasks[1].gpus == Indices{1, 2});
    CHECK(cpus_of(placement) == "0-5 6-11");
}

TEST_CASE("placement: tasks without GPUs do not straddle NUMA nodes unnecessarily") {
    CHECK(cpus_of(plan_tasks(node_of(cpus_only(2, 1, 8)), 2)) == "0-7 8-15");
    CHECK(cpus_of(plan_tasks(node_of(cpus_only(2, 2, 4)), 8)) ==
          "0-1 2-3 4-5 6-7 8-9 10-11 12-13 14-15");
    // Nine cores, four of them on the first node: the second task gets the larger part.
    CHECK(cpus_of(plan_tasks(node_of(cpus_only(2, 1, 5), "0-3,5-9"), 2)) == "0-3 5-9");
    CHECK(plan_tasks(node_of(cpus_only(2, 2, 4)), 2).tasks[1].numa == Indices{2, 3});
    Request request;
    request.tasks = 2;
    request.cpus_per_task = 6;
    const Placement placement = plan(node_of(cpus_only(2, 1, 8)), request);
    CHECK(cpus_of(placement) == "0-5 8-13");
    CHECK(show(placement.idle_cpus) == "6-7,14-15");
}

TEST_CASE(
    "placement: a GPU without allowed cores near it is kept, with the nearest cores and a note") {
    const Placement placement = plan_tasks(node_of(dgx_like(), "0-15"), 8);
    for (const Task& task : placement.tasks) {
        CHECK(task.cores == 2);
        CHECK(task.gpus == Indices{task.local_rank});
        CHECK(task.remote == (task.local_rank >= 4));
    }
    REQUIRE(placement.tasks[4].notes.size() == 1);
    CHECK(placement.tasks[4].notes[0] ==
          "remote: GPU 0000:5b:00.0 near NUMA node 1, cores given on NUMA node 0 (no allowed CPU "
          "is near)");
    // Cores of the same package come before others.
    MachineModel machine = cpus_only(2, 2, 4);
    machine.gpus = {{"0000:01:00.0", 3, "", ""}};
    CHECK(cpus_of(plan_tasks(node_of(machine, "0-3,8-9"), 1)) == "8-9");
}

TEST_CASE("placement: tasks in excess of a locality's cores go elsewhere, the others stay") {
    MachineModel machine = cpus_only(2, 1, 4);
    for (const char* pci : {"0000:01:00.0", "0000:02:00.0", "0000:03:00.0"})
        machine.gpus.push_back({pci, 0, "", ""});
    const Placement placement = plan_tasks(node_of(machine, "0-1,4-7"), 3);
    const auto remote = std::count_if(placement.tasks.begin(), placement.tasks.end(),
                                      [](const Task& task) { return task.remote; });
    CHECK(remote == 1);
    CHECK(has_note(placement.tasks[2], "near NUMA node 0, cores given on NUMA node 1"));
    CHECK_FALSE(has_note(placement.tasks[2], "no allowed CPU"));
}

TEST_CASE("placement: a task that cannot have all its cores near leaves them to one that can") {
    MachineModel machine = cpus_only(2, 2, 2);
    machine.gpus = {{"0000:01:00.0", 0, "", ""}, {"0000:02:00.0", unlocated, "", ""}};
    machine.gpus[1].package = 0;
    Request request;
    request.tasks = 2;
    request.cpus_per_task = 2;
    const Placement placement = plan(node_of(machine, "0,2,4-5"), request);
    CHECK(cpus_of(placement) == "4-5 0,2");
    CHECK(placement.tasks[0].remote);
    CHECK_FALSE(placement.tasks[1].remote);
}

TEST_CASE("placement: more tasks than GPUs share them evenly and say so") {
    Request request;
    request.tasks = 5;
    Node node = node_of(rome_like());
    const Placement placement = plan(node, request);
    CHECK(placement.tasks[0].gpus == placement.tasks[1].gpus);
    CHECK(has_note(placement.tasks[0],
                   "shares GPU 0000:43:00.0 with local rank 1 (2 tasks, share is 1)"));
    CHECK(placement.tasks[2].notes.empty());
    CHECK(show(placement.tasks[1].cpus) == "12-15");

    request.strict = true;
    CHECK_THROWS_AS(plan(node, request), ConfigError);
    request.share = 2;
    CHECK(has_note(plan(node, request).tasks[0], "shares GPU 0000:43:00.0 with local rank 1"));
}

TEST_CASE("placement: the further tasks share GPUs where the allowed cores are") {
    Node node = node_of(rome_like(), "8-9,24-25,40-47,56-57");
    const Placement placement = plan_tasks(node, 6);
    for (const Task& task : placement.tasks) CHECK_FALSE(task.remote);
}

TEST_CASE("placement: GPUs left idle by gpus_per_task are listed and chosen near allowed cores") {
    Request request;
    request.tasks = 2;
    request.gpus_per_task = 1;
    const Placement placement = plan(node_of(dgx_like()), request);
    CHECK(placement.tasks[0].gpus == Indices{0});
    CHECK(placement.tasks[1].gpus == Indices{4});
    CHECK(placement.tasks[1].cores == 56);
    CHECK(placement.idle_gpus == Indices{1, 2, 3, 5, 6, 7});
    CHECK(plan(node_of(dgx_like(), "56-57"), request).tasks[0].gpus == Indices{4});
}

TEST_CASE("placement: tasks in excess of the cores divide the threads of cores") {
    const Placement placement = plan_tasks(node_of(cpus_only(1, 1, 2, 2)), 3);
    CHECK(cpus_of(placement) == "0 2 1,3");
    CHECK(has_note(placement.tasks[0], "shares its core with local rank 1 (3 tasks on 2 cores)"));
    CHECK(placement.tasks[2].notes.empty());
}

TEST_CASE("placement: tasks in excess of the CPUs take turns and say so") {
    const Placement placement = plan_tasks(node_of(cpus_only(1, 1, 2)), 5);
    CHECK(cpus_of(placement) == "0 0 0 1 1");
    for (const Task& task : placement.tasks)
        CHECK(has_note(task, "oversubscribed: 5 tasks on 2 CPUs"));
}

TEST_CASE("placement: memory comes from nodes with CPUs and memory that the step may use") {
    MachineModel machine = cpus_only(2, 1, 2);
    machine.cpuless_nodes = 2;
    Node node = node_of(machine);
    CHECK(plan_tasks(node, 1).tasks[0].numa == Indices{0, 1});
    CHECK(plan_tasks(node, 2).tasks[1].numa == Indices{1});
    node.numa_nodes[0].memory_bytes = 0;
    node.numa_nodes[1].allowed = false;
    CHECK(plan_tasks(node, 1).tasks[0].numa.empty());
}

TEST_CASE("placement: cores in order ignore the GPUs, and GPUs can be left alone") {
    Request request;
    request.tasks = 4;
    request.near_gpu = false;
    const Placement in_order = plan(node_of(rome_like()), request);
    CHECK(cpus_of(in_order) == "0-15 16-31 32-47 48-63");
    CHECK(in_order.tasks[0].remote);

    request.wants_gpus = false;
    request.strict = true;
    const Placement host = plan(node_of(rome_like()), request);
    CHECK(host.tasks[0].gpus.empty());
    CHECK(host.idle_gpus == Indices{0, 1, 2, 3});
}

TEST_CASE("placement: what cannot be fulfilled is refused with the number needed") {
    const Node node = node_of(rome_like());
    Request request;
    request.tasks = 3;
    request.gpus_per_task = 2;
    CHECK_THROWS_WITH(plan(node, request),
                      "3 tasks with 2 GPUs each need 6 GPUs (the step has 4 on this node); ask for "
                      "--gpus-per-node=6 or lower gpus_per_task");
    request.gpus_per_task.reset();
    request.cpus_per_task = 22;
    CHECK_THROWS_AS(plan(node, request), ConfigError);
    request.cpus_per_task = 0;
    CHECK_THROWS_AS(plan(node, request), ConfigError);
    CHECK_THROWS_AS(plan_tasks(node, 0), ConfigError);
    request = {};
    request.share = 0;
    CHECK_THROWS_AS(plan(node, request), ConfigError);
    Node nothing_allowed = node;
    nothing_allowed.allowed = CpuSet();
    CHECK_THROWS_AS(plan_tasks(nothing_allowed, 1), ConfigError);
    request = {};
    request.gpus_per_task = 1;
    CHECK_THROWS_AS(plan(node_of(cpus_only(1, 1, 2)), request), ConfigError);
}

TEST_CASE("placement: devices and GPUs that are not the step's change nothing") {
    MachineModel machine = rome_like();
    const std::string before = cpus_of(plan_tasks(node_of(machine, "0-40"), 4));
    machine.devices = {{"0000:02:00.0", 0, 0x0300, 0x1a03, 0x2000, "", ""},
                       {"0000:c8:00.0", 5, 0x0200, 0x15b3, 0x1021, "ib0", "mlx5_0"}};
    machine.gpus.push_back({"0000:01:00.0", 2, "", ""});
    const Placement after = plan_tasks(node_of(machine, "0-40", "1,2,3,4"), 4);
    CHECK(cpus_of(after) == before);
    CHECK(after.tasks[0].gpus == Indices{2});
}

TEST_CASE("placement: cores go to the same tasks with and without hardware threads") {
    MachineModel machine = rome_like();
    const Placement one = plan_tasks(node_of(machine), 3);
    machine.smt = 2;
    const Node node = node_of(machine);
    const Placement two = plan_tasks(node, 3);
    const CpuSet first_threads = CpuSet::parse("0-63");
    for (std::size_t rank = 0; rank < 3; ++rank) {
        CHECK((two.tasks[rank].cpus & first_threads) == one.tasks[rank].cpus);
        CHECK(two.tasks[rank].cpus.size() == 2 * one.tasks[rank].cpus.size());
    }
}

TEST_CASE("placement: instances of a GPU are GPUs of their own, in the order of their UUIDs") {
    Node node = node_of(rome_like());
    const topology::Gpu whole = node.gpus[0];
    node.gpus.resize(1);
    node.gpus[0].mig_uuid = "MIG-a";
    node.gpus.push_back(whole);
    node.gpus[1].mig_uuid = "MIG-b";
    node.step_gpus = {0, 1};
    const Placement two = plan_tasks(node, 2);
    CHECK(two.tasks[0].gpus == Indices{0});
    CHECK(two.tasks[1].gpus == Indices{1});
    CHECK(two.tasks[1].cores == 4);
    CHECK(has_note(plan_tasks(node, 4).tasks[3],
                   "shares GPU " + show(whole.pci) + " MIG-b with local rank 2"));
    node.step_gpus = {1};
    CHECK(plan_tasks(node, 1).tasks[0].gpus == Indices{1});
}

TEST_CASE("placement: a core contributes as many hardware threads as asked for, the lowest first") {
    Request request;
    request.tasks = 2;
    request.pus_per_core = 2;
    const Node node = node_of(cpus_only(1, 1, 2, 4));
    const Placement placement = plan(node, request);
    CHECK(cpus_of(placement) == "0,2 1,3");
    CHECK(show(placement.idle_cpus) == "4-7");
    REQUIRE(placement.notes.size() == 1);
    CHECK(placement.notes[0] == "idle: 4 hardware threads (CPUs 4-7): pus_per_core is 2");
    request.tasks = 4;
    CHECK(cpus_of(plan(node, request)) == "0 2 1 3");
    request.tasks = 5;
    CHECK(has_note(plan(node, request).tasks[0], "oversubscribed: 5 tasks on 4 CPUs"));
    request.pus_per_core = 0;
    CHECK_THROWS_AS(plan(node, request), ConfigError);
}

TEST_CASE("placement: interleaved ranks go round the packages") {
    Request request;
    request.tasks = 8;
    request.interleave = true;
    const Placement placement = plan(node_of(dgx_like()), request);
    Indices order;
    for (const Task& task : placement.tasks) order.push_back(task.gpus.at(0));
    CHECK(order == Indices{0, 4, 1, 5, 2, 6, 3, 7});
    CHECK(show(placement.tasks[1].cpus) == "56-69,168-181");
    CHECK(placement.tasks[1].local_rank == 1);
}

TEST_CASE("placement: a GPU without near cores has those of the nearest NUMA node") {
    MachineModel machine = cpus_only(2, 2, 4);
    machine.gpus = {{"0000:01:00.0", 0, "", ""}};
    Node node = node_of(machine, "8-15");
    CHECK(cpus_of(plan_tasks(node, 1)) == "8-15");
    node.numa_distances = {{10, 12, 32, 21}, {12, 10, 32, 32}, {32, 32, 10, 12}, {21, 32, 12, 10}};
    CHECK(cpus_of(plan_tasks(node, 1)) == "12-15");
}

TEST_CASE("placement: the reason for being remote is told") {
    Request request;
    request.tasks = 2;
    request.cpus_per_task = 6;
    CHECK(plan(node_of(rome_like(), "0-31"), request).tasks[0].notes.empty());
    CHECK(has_note(plan(node_of(rome_like(), "0-11"), request).tasks[0],
                   "(4 of 6 cores are allowed near it)"));
    MachineModel machine = cpus_only(2, 1, 4);
    machine.gpus = {{"0000:01:00.0", 0, "", ""}, {"0000:02:00.0", 0, "", ""}};
    CHECK(has_note(plan_tasks(node_of(machine, "0,4-7"), 2).tasks[1],
                   "(the 1 core near it serves local rank 0)"));
    request = {};
    request.tasks = 4;
    request.near_gpu = false;
    const Placement in_order = plan(node_of(rome_like()), request);
    CHECK(has_note(in_order.tasks[0], "(cores are given in order)"));
    request.strict = true;  // order was asked for, so it is no exception
    CHECK_NOTHROW(plan(node_of(rome_like()), request));
}

TEST_CASE("placement: what is idle is said once, with number and reason") {
    Request request;
    request.tasks = 2;
    request.gpus_per_task = 1;
    request.cpus_per_task = 4;
    const Placement placement = plan(node_of(rome_like()), request);
    REQUIRE(placement.notes.size() == 2);
    CHECK(placement.notes[0] ==
          "idle: 2 of 4 GPUs (GPU 0000:83:00.0, GPU 0000:c3:00.0): gpus_per_task is 1");
    CHECK(placement.notes[1].rfind("idle: 56 of 64 cores (CPUs ", 0) == 0);
    CHECK(placement.notes[1].find("cpus_per_task is 4") != std::string::npos);
    CHECK(plan_tasks(node_of(rome_like()), 4).notes.at(0).rfind("idle: 32 of 64 cores", 0) == 0);
    CHECK(plan_tasks(node_of(dgx_like()), 8).notes.empty());
}
