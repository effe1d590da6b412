// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/topology/discover.hpp"
#include "tests/placement/invariants.hpp"
#include "tests/support/topology_xml.hpp"

using namespace warpstep;
using namespace warpstep::placement;
using namespace warpstep::testing;
using topology::CpuSet;
using topology::Node;

namespace {

/// Random numbers that are the same with every standard library.
class Dice {
  public:
    explicit Dice(unsigned seed) : engine_(seed) {}
    int roll(int from, int to) {
        return from + static_cast<int>(engine_() % static_cast<unsigned>(to - from + 1));
    }
    template <typename T>
    T pick(std::initializer_list<T> values) {
        return values.begin()[roll(0, static_cast<int>(values.size()) - 1)];
    }
    bool chance(int percent) { return roll(1, 100) <= percent; }

  private:
    std::mt19937 engine_;
};

MachineModel random_machine(Dice& dice) {
    MachineModel machine;
    machine.packages = dice.pick({1, 2, 2, 4});
    machine.numa_per_package = dice.pick({1, 1, 2, 4});
    machine.cores_per_numa = dice.roll(1, 8);
    machine.smt = dice.pick({1, 2, 2, 4});
    machine.cpuless_nodes = dice.pick({0, 0, 1, 2});
    const int gpus = dice.pick({0, 1, 2, 3, 4, 4, 6, 8, 8});
    const bool located = !dice.chance(15);
    for (int i = 0; i < gpus; ++i) {
        GpuModel gpu{fmt::format("0000:{:02x}:00.0", 0x10 + 7 * i), unlocated, "", ""};
        const int level = located ? dice.roll(1, 100) : 0;
        if (level > 20) gpu.numa = dice.roll(0, machine.numa_nodes() - 1);
        if (level > 5 && level <= 20) gpu.package = dice.roll(0, machine.packages - 1);
        machine.gpus.push_back(gpu);
    }
    return machine;
}

Node read(const MachineModel& machine) {
    const TemporaryFile file(topology_xml(machine));
    topology::NodeRequest request;
    request.xml = file.path();
    return topology::discover_node(request);
}

/// All CPUs, some cores, some hardware threads, some NUMA nodes, or a single CPU.
CpuSet random_cpus(const Node& node, Dice& dice) {
    CpuSet cpus;
    switch (dice.roll(0, 4)) {
        case 0:
            return node.cpus;
        case 1:
            for (const topology::Core& core : node.cores)
                if (dice.chance(50)) cpus = cpus | core.cpus;
            break;
        case 2:
            for (const int cpu : node.cpus.cpus())
                if (dice.chance(40)) cpus.add(cpu);
            break;
        case 3:
            for (const topology::NumaNode& numa : node.numa_nodes)
                if (dice.chance(50)) cpus = cpus | numa.cpus;
            break;
        default:
            break;
    }
    if (cpus.empty()) cpus.add(dice.roll(0, node.cpus.size() - 1));
    return cpus;
}

Request random_request(Dice& dice) {
    Request request;
    request.tasks = dice.roll(1, 16);
    if (dice.chance(25)) request.gpus_per_task = dice.roll(1, 3);
    if (dice.chance(20)) request.cpus_per_task = dice.roll(1, 4);
    request.near_gpu = !dice.chance(10);
    request.wants_gpus = !dice.chance(10);
    return request;
}

std::string describe(const Node& node, const Request& request, const Placement& placement) {
    std::string text =
        fmt::format("{} tasks, gpus_per_task {}, cpus_per_task {}, near_gpu {}, allowed {}\n",
                    request.tasks, request.gpus_per_task.value_or(0),
                    request.cpus_per_task.value_or(0), request.near_gpu, show(node.allowed));
    for (const topology::NumaNode& numa : node.numa_nodes)
        text += fmt::format("NUMA {}: {}\n", numa.os_index, show(numa.cpus));
    for (const int gpu : node.step_gpus)
        text +=
            fmt::format("GPU {}: NUMA {}\n", gpu, node.gpus[static_cast<std::size_t>(gpu)].numa);
    for (const Task& task : placement.tasks)
        text += fmt::format("task {}: {} GPUs from {}, CPUs {}: {}\n", task.local_rank,
                            task.gpus.size(), task.gpus.empty() ? -1 : task.gpus[0],
                            show(task.cpus), join(task.notes, "; "));
    return text;
}

/// Strict refuses exactly the placements that carry an exception.
void check_strict(const Node& node, Request request, const Placement& placement) {
    bool exception = false;
    for (const Task& task : placement.tasks)
        for (const std::string& note : task.notes)
            exception =
                exception || note.rfind("shares GPU", 0) != 0 || note.find("share is") != note.npos;
    request.strict = true;
    if (exception)
        CHECK_THROWS_AS(plan(node, request), ConfigError);
    else
        CHECK_NOTHROW(plan(node, request));
}

}  // namespace

TEST_CASE("placement: random machines, grants and requests are placed as promised") {
    int placed = 0, refused = 0;
    for (unsigned seed = 1; seed <= 200; ++seed) {
        Dice dice(seed);
        Node node = read(random_machine(dice));
        const std::vector<int> all_gpus = node.step_gpus;
        for (int i = 0; i < 10; ++i) {
            CAPTURE(seed);
            CAPTURE(i);
            node.allowed = random_cpus(node, dice);
            node.step_gpus.clear();
            const int percent = dice.pick({100, 100, 60});
            for (const int gpu : all_gpus)
                if (dice.chance(percent)) node.step_gpus.push_back(gpu);
            const Request request = random_request(dice);
            if (must_be_refused(node, request)) {
                CHECK_THROWS_AS(plan(node, request), ConfigError);
                ++refused;
                continue;
            }
            const Placement placement = plan(node, request);
            const std::string wrong = join(violations(node, request, placement), "; ");
            CHECK_MESSAGE(wrong == "", wrong, "\n", describe(node, request, placement));
            CHECK(describe(node, request, plan(node, request)) ==
                  describe(node, request, placement));
            check_strict(node, request, placement);
            ++placed;
        }
    }
    CHECK(placed > 1200);
    CHECK(refused > 100);
}
