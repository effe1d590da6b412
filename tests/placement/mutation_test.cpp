// SPDX-License-Identifier: Apache-2.0
// A right placement made wrong in one way: the rule that forbids it is named.
#include <doctest/doctest.h>

#include <algorithm>
#include <utility>

#include "runtime/placement/inspect.hpp"

using namespace warpstep;
using namespace warpstep::placement;
using topology::CpuSet;
using topology::Node;

namespace {

/// 2 packages of 8 cores with 2 threads (PU of thread t of core c is 16 t + c), 4 GPUs, and an
/// adapter behind the switch of each.
Node two_sockets() {
    Node node;
    node.packages = 2;
    for (int numa = 0; numa < 2; ++numa) {
        CpuSet cpus;
        for (int core = 8 * numa; core < 8 * numa + 8; ++core) {
            const CpuSet pus(std::vector<int>{core, 16 + core});
            node.cores.push_back({core, pus, numa, numa});
            cpus = cpus | pus;
        }
        node.numa_nodes.push_back({numa, cpus, std::uint64_t{1} << 30, true});
        node.cpus = node.cpus | cpus;
    }
    node.allowed = node.cpus;
    for (int i = 0; i < 4; ++i) {
        topology::Gpu gpu;
        gpu.pci.bus = static_cast<unsigned>(0x10 + i);
        gpu.index = i;
        gpu.numa = i / 2;
        gpu.near_cpus = node.numa_nodes[static_cast<std::size_t>(i / 2)].cpus;
        gpu.located = true;
        gpu.path = {i / 2, 10 + i};
        node.gpus.push_back(gpu);
        node.step_gpus.push_back(i);
        topology::Nic nic;
        nic.pci.bus = static_cast<unsigned>(0x80 + i);
        nic.fabric = true;
        nic.numa = gpu.numa;
        nic.near_cpus = gpu.near_cpus;
        nic.path = gpu.path;
        node.nics.push_back(nic);
    }
    return node;
}

struct Case {
    Node node = two_sockets();
    Request request;
    Placement placement;

    explicit Case(int tasks = 4, const char* allowed = nullptr) {
        if (allowed) node.allowed = CpuSet::parse(allowed);
        request.tasks = tasks;
        make();
    }
    void make() {
        placement = plan(node, request);
        REQUIRE(inspect(node, request, placement).empty());
    }
    Task& task(std::size_t rank) { return placement.tasks[rank]; }
    bool breaks(const std::string& rule) const {
        const auto found = inspect(node, request, placement);
        return std::any_of(found.begin(), found.end(),
                           [&](const Violation& v) { return v.rule == rule && !v.text.empty(); });
    }
};

void drop_core(Task& task, const char* cpus) {
    task.cpus = task.cpus - CpuSet::parse(cpus);
    --task.cores;
}

}  // namespace

TEST_CASE("placement: a task too many, twice or without CPUs breaks I1 and I2") {
    Case missing;
    missing.placement.tasks.pop_back();
    CHECK(missing.breaks("I1"));
    Case twice;
    twice.task(1).local_rank = 0;
    CHECK(twice.breaks("I1"));
    Case empty;
    empty.task(0).cpus = CpuSet();
    CHECK(empty.breaks("I2"));
    Case outside(4, "0-3,8-11");
    outside.task(0).cpus.add(7);
    CHECK(outside.breaks("I2"));
}

TEST_CASE("placement: GPUs that are not the step's, none, or one given twice break I3, I4 and I5") {
    Case foreign;
    foreign.task(0).gpus = {7};
    CHECK(foreign.breaks("I3"));
    Case none;
    none.task(0).gpus.clear();
    CHECK(none.breaks("I3"));
    Case twice;
    twice.task(1).gpus = twice.task(0).gpus;
    CHECK(twice.breaks("I4"));
    CHECK(twice.breaks("I5"));
    Case asked_for;
    asked_for.request.gpus_per_task = 1;
    asked_for.request.tasks = 2;
    asked_for.make();
    asked_for.task(0).gpus.push_back(1);
    CHECK(asked_for.breaks("I5"));
    Case uneven(2);
    uneven.task(0).gpus = {0, 1, 2};
    uneven.task(1).gpus = {3};
    CHECK(uneven.breaks("I6"));
    Case crowded(8);
    crowded.task(2).gpus = {0};
    CHECK(crowded.breaks("I6"));
}

TEST_CASE("placement: two GPUs swapped between sockets break locality and order") {
    Case c;
    std::swap(c.task(0).gpus, c.task(3).gpus);
    CHECK(c.breaks("I22"));
    CHECK(c.breaks("I9"));  // near by its flag, remote in truth
    for (const std::size_t rank : {0U, 3U}) c.task(rank).remote = true;
    CHECK(c.breaks("I8"));
}

TEST_CASE("placement: a core moved across NUMA nodes breaks I7 or I8, and I10") {
    Case taken;
    taken.task(0).cpus = taken.task(0).cpus | CpuSet::parse("8,24");
    ++taken.task(0).cores;
    CHECK(taken.breaks("I7"));
    Case moved;
    drop_core(moved.task(2), "8,24");
    drop_core(moved.task(2), "9,25");
    moved.task(0).cpus = moved.task(0).cpus | CpuSet::parse("8-9,24-25");
    moved.task(0).cores += 2;
    moved.task(0).remote = true;
    CHECK(moved.breaks("I8"));
    CHECK(moved.breaks("I10"));
}

TEST_CASE("placement: a task farther away than it need be breaks I9") {
    // Four NUMA nodes in a row; the GPU is on the first, only the third and the fourth are allowed.
    Case c(1);
    c.node.gpus.resize(1);
    c.node.step_gpus = {0};
    c.node.numa_nodes.clear();
    for (int numa = 0; numa < 4; ++numa) {
        CpuSet cpus;
        for (int core = 4 * numa; core < 4 * numa + 4; ++core) {
            auto& of_node = c.node.cores[static_cast<std::size_t>(core)];
            of_node.numa = numa;
            cpus = cpus | of_node.cpus;
        }
        c.node.numa_nodes.push_back({numa, cpus, 1, true});
        c.node.numa_distances.push_back({});
        for (int to = 0; to < 4; ++to)
            c.node.numa_distances.back().push_back(10 + 10 * std::abs(numa - to));
    }
    c.node.gpus[0].near_cpus = c.node.numa_nodes[0].cpus;
    c.node.allowed = c.node.numa_nodes[2].cpus | c.node.numa_nodes[3].cpus;
    c.make();
    CHECK(c.task(0).cpus == c.node.numa_nodes[2].cpus);
    c.task(0).cpus = c.node.numa_nodes[3].cpus;
    c.placement.idle_cpus = c.node.numa_nodes[2].cpus;
    c.task(0).numa = {3};
    CHECK(c.breaks("I9"));
}

TEST_CASE("placement: a core dropped, a thread dropped or a wrong count break I10, I11 and I12") {
    Case idle;
    drop_core(idle.task(0), "0,16");
    idle.placement.idle_cpus = CpuSet::parse("0,16");
    idle.placement.notes = {"idle: 1 of 16 cores (CPUs 0,16): why not"};
    CHECK(idle.breaks("I11"));
    Case thread;
    thread.task(0).cpus = thread.task(0).cpus - CpuSet::parse("16");
    CHECK(thread.breaks("I12"));
    Case count;
    ++count.task(0).cores;
    CHECK(count.breaks("I10"));
    Case asked;
    asked.request.cpus_per_task = 2;
    asked.make();
    drop_core(asked.task(0), "0,16");
    CHECK(asked.breaks("I10"));
    Case threads;
    threads.request.pus_per_core = 1;
    threads.make();
    CHECK(show(threads.task(0).cpus) == "0-3");
    threads.task(0).cpus.add(16);
    CHECK(threads.breaks("I12"));
    Case doubled(16, "0-3");
    doubled.task(0).cpus = CpuSet::parse("1");
    CHECK(doubled.breaks("I7"));
}

TEST_CASE("placement: the remote flag, and notes that are missing or wrong, are found") {
    Case flipped;
    flipped.task(0).remote = true;
    CHECK(flipped.breaks("I9"));
    Case silent(4, "0-7");
    REQUIRE(silent.task(3).remote);
    silent.task(3).notes.clear();
    CHECK(silent.breaks("I9"));
    Case loud;
    loud.task(0).notes.push_back("remote: GPU 0000:10:00.0 near NUMA node 0, cores given on 1");
    CHECK(loud.breaks("I9"));
    Case shared(8);
    shared.task(5).notes.clear();
    CHECK(shared.breaks("notes"));
    Case crowded(9, "0-3");
    crowded.task(0).notes.clear();
    CHECK(crowded.breaks("I7"));
    Case on_one_core(6, "0-3,16-19");
    on_one_core.task(0).notes.clear();
    CHECK(on_one_core.breaks("notes"));
    Case idle(2);
    idle.request.gpus_per_task = 1;
    idle.request.cpus_per_task = 2;
    idle.make();
    for (std::size_t note = 0; note < 2; ++note) {
        Case one_less = idle;
        one_less.placement.notes.erase(one_less.placement.notes.begin() +
                                       static_cast<std::ptrdiff_t>(note));
        CHECK(one_less.breaks("notes"));
    }
    idle.placement.idle_gpus.clear();
    CHECK(idle.breaks("idle"));
}

TEST_CASE("placement: memory of another node breaks I13, another adapter I15") {
    Case memory;
    memory.task(0).numa = {1};
    CHECK(memory.breaks("I13"));
    Case adapter;
    adapter.task(0).nics[0].nic = 1;
    CHECK(adapter.breaks("I15"));
    Case distance;
    distance.task(0).nics[0].distance = NicDistance::numa;
    CHECK(distance.breaks("I15"));
    Case missing;
    missing.task(0).nics.clear();
    CHECK(missing.breaks("I15"));
    Case unbalanced;
    for (auto& gpu : unbalanced.node.gpus) gpu.path.clear();
    unbalanced.make();
    unbalanced.task(0).nics[0].nic = unbalanced.task(1).nics[0].nic;
    CHECK(unbalanced.breaks("I15"));
}

TEST_CASE("placement: ranks out of turn break I21") {
    Case c;
    c.request.interleave = true;
    c.make();
    CHECK(c.task(1).gpus == std::vector<int>{2});
    std::swap(c.task(0), c.task(1));
    std::swap(c.task(0).local_rank, c.task(1).local_rank);
    CHECK(c.breaks("I21"));
}

TEST_CASE("placement: what must be refused is known without planning") {
    Case c;
    Request request;
    request.tasks = 0;
    CHECK(must_be_refused(c.node, request));
    request.tasks = 3;
    request.gpus_per_task = 2;
    CHECK(must_be_refused(c.node, request));
    request.gpus_per_task = 1;
    CHECK_FALSE(must_be_refused(c.node, request));
    request.cpus_per_task = 6;
    CHECK(must_be_refused(c.node, request));
    request.cpus_per_task.reset();
    request.strict = true;
    CHECK_FALSE(must_be_refused(c.node, request));
    c.node.allowed = CpuSet::parse("8-15");
    CHECK(must_be_refused(c.node, request));
}

TEST_CASE("placement: a task that is shown some GPUs only has one of these") {
    Case c;
    c.request.visible = {{3}, {2}, {1}, {0}};
    c.request.interleave = true;  // the ranks have no choice
    c.make();
    CHECK(c.task(0).gpus == std::vector<int>{3});
    CHECK(show(c.task(0).cpus) == "8-11,24-27");
    std::swap(c.task(0).gpus, c.task(1).gpus);
    CHECK(c.breaks("I3"));
}
