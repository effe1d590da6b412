// SPDX-License-Identifier: Apache-2.0
// What changes a placement, and what must not.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "runtime/placement/inspect.hpp"
#include "runtime/placement/random_node.hpp"

using namespace warpstep;
using namespace warpstep::placement;
using topology::CpuSet;
using topology::Node;

namespace {

constexpr unsigned scenarios = 1000;

/// Runs `check(node, request, placement)` for every scenario that can be placed.
template <typename Check>
void for_each_placed(Check check) {
    int placed = 0;
    for (unsigned seed = 1; seed <= scenarios; ++seed) {
        const Scenario scenario = random_scenario(seed);
        if (must_be_refused(scenario.node, scenario.request)) continue;
        CAPTURE(seed);
        CAPTURE(scenario.family);
        check(scenario.node, scenario.request, plan(scenario.node, scenario.request));
        ++placed;
    }
    CHECK(placed > 500);
}

void check_same(const Placement& a, const Placement& b) {
    REQUIRE(a.tasks.size() == b.tasks.size());
    for (std::size_t i = 0; i < a.tasks.size(); ++i) {
        CHECK(a.tasks[i].gpus == b.tasks[i].gpus);
        CHECK(a.tasks[i].cpus == b.tasks[i].cpus);
    }
}

CpuSet mapped(const CpuSet& cpus) {
    CpuSet result;
    for (const int cpu : cpus.cpus()) result.add(2 * cpu + 3);
    return result;
}

/// Other numbers for CPUs, NUMA nodes, bridges and PCI functions, in the same order.
Node relabelled(Node node) {
    node.cpus = mapped(node.cpus);
    node.allowed = mapped(node.allowed);
    const auto numa = [](int index) { return index < 0 ? index : 3 * index + 1; };
    for (auto& core : node.cores) {
        core.cpus = mapped(core.cpus);
        core.numa = numa(core.numa);
        core.package = 2 * core.package + 1;
    }
    for (auto& memory : node.numa_nodes) {
        memory.cpus = mapped(memory.cpus);
        memory.os_index = numa(memory.os_index);
    }
    const auto move = [&](auto& device) {
        device.near_cpus = mapped(device.near_cpus);
        device.numa = numa(device.numa);
        device.pci.domain += 0x10000;
        for (int& bridge : device.path) bridge = 5000 - bridge;
    };
    for (auto& gpu : node.gpus) move(gpu);
    for (auto& nic : node.nics) move(nic);
    return node;
}

/// One more package that the step may not use, with a GPU and an adapter that are not its own.
Node with_more(Node node) {
    const int cpu = node.cpus.cpus().back() + 1, package = node.packages++;
    const CpuSet cpus(std::vector<int>{cpu, cpu + 1});
    int numa = -1;
    if (!node.numa_nodes.empty()) {
        for (const auto& memory : node.numa_nodes) numa = std::max(numa, memory.os_index + 1);
        node.numa_nodes.push_back({numa, cpus, 1, true});
        for (auto& row : node.numa_distances) row.push_back(40);
        if (!node.numa_distances.empty()) {
            node.numa_distances.emplace_back(node.numa_nodes.size(), 40);
            node.numa_distances.back().back() = 10;
        }
    }
    node.cores.push_back({static_cast<int>(node.cores.size()), cpus, package, numa});
    node.cpus = node.cpus | cpus;
    topology::Gpu gpu;
    gpu.pci.domain = 7;
    gpu.near_cpus = cpus;
    gpu.located = true;
    gpu.numa = numa;
    node.gpus.push_back(gpu);
    topology::Nic nic;
    nic.pci.domain = 8;
    nic.near_cpus = cpus;
    nic.numa = numa;
    node.nics.push_back(nic);
    return node;
}

Node without_smt(Node node) {
    CpuSet kept;
    for (auto& core : node.cores) {
        const CpuSet allowed = core.cpus & node.allowed;
        core.cpus =
            CpuSet(std::vector<int>{(allowed.empty() ? core.cpus : allowed).cpus().front()});
        kept = kept | core.cpus;
    }
    node.cpus = kept;
    node.allowed = node.allowed & kept;
    for (auto& memory : node.numa_nodes) memory.cpus = memory.cpus & kept;
    for (auto& gpu : node.gpus) gpu.near_cpus = gpu.near_cpus & kept;
    for (auto& nic : node.nics) nic.near_cpus = nic.near_cpus & kept;
    return node;
}

}  // namespace

TEST_CASE("placement: names and the order of cores and memory nodes change nothing (I16)") {
    for_each_placed([](const Node& node, const Request& request, const Placement& placement) {
        Node other = node;
        std::reverse(other.cores.begin(), other.cores.end());
        std::reverse(other.numa_nodes.begin(), other.numa_nodes.end());
        std::reverse(other.numa_distances.begin(), other.numa_distances.end());
        for (auto& row : other.numa_distances) std::reverse(row.begin(), row.end());
        for (auto& gpu : other.gpus) gpu.name = gpu.uuid = gpu.serial = "another";
        for (auto& nic : other.nics) nic.name = "another";
        const Placement same = plan(other, request);
        check_same(same, placement);
        for (std::size_t i = 0; i < same.tasks.size(); ++i) {
            CHECK(same.tasks[i].numa == placement.tasks[i].numa);
            CHECK(same.tasks[i].nics == placement.tasks[i].nics);
        }
    });
}

TEST_CASE("placement: what the step may not use changes nothing (I18)") {
    for_each_placed([](const Node& node, const Request& request, const Placement& placement) {
        const Node more = with_more(node);
        const Placement same = plan(more, request);
        check_same(same, placement);
        CHECK(inspect(more, request, same).empty());
    });
}

TEST_CASE("placement: other labels in the same order give the same placement, relabelled (I19)") {
    for_each_placed([](const Node& node, const Request& request, const Placement& placement) {
        Placement expected = placement;
        for (Task& task : expected.tasks) task.cpus = mapped(task.cpus);
        const Placement other = plan(relabelled(node), request);
        check_same(other, expected);
        for (std::size_t i = 0; i < other.tasks.size(); ++i)
            CHECK(other.tasks[i].nics == placement.tasks[i].nics);
    });
}

TEST_CASE("placement: packages in another order are served as well (I19)") {
    for_each_placed([](const Node& node, const Request& request, const Placement& placement) {
        Node other = node;
        for (auto& core : other.cores) core.package = other.packages - 1 - core.package;
        const Placement reordered = plan(other, request);
        CHECK(inspect(other, request, reordered).empty());
        if (!request.near_gpu) return;
        const auto near = [](const Placement& p) {
            return std::count_if(p.tasks.begin(), p.tasks.end(),
                                 [](const Task& task) { return !task.remote; });
        };
        if (!request.cpus_per_task || node.step_gpus.size() <= 8)
            CHECK(near(reordered) == near(placement));
    });
}

TEST_CASE("placement: one thread per core gives the cores that a machine without SMT gives (I20)") {
    for_each_placed([](const Node& node, Request request, const Placement&) {
        request.pus_per_core = 1;
        if (must_be_refused(node, request)) return;
        const Placement one = plan(node, request);
        check_same(one, plan(without_smt(node), request));
    });
}

TEST_CASE("placement: interleaving only changes which rank has what (I21)") {
    for_each_placed([](const Node& node, Request request, const Placement&) {
        request.interleave = false;
        const Placement packed = plan(node, request);
        request.interleave = true;
        const Placement dealt = plan(node, request);
        const auto pairs = [](const Placement& placement) {
            std::multiset<std::string> all;
            for (const Task& task : placement.tasks) {
                std::string text = show(task.cpus) + " /";
                for (const int gpu : task.gpus) text += " " + std::to_string(gpu);
                for (const TaskNic& nic : task.nics) text += " n" + std::to_string(nic.nic);
                all.insert(text);
            }
            return all;
        };
        CHECK(pairs(packed) == pairs(dealt));
    });
}
