// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "runtime/base/error.hpp"
#include "runtime/placement/deal_cores.hpp"
#include "runtime/placement/deal_gpus.hpp"
#include "runtime/placement/notes.hpp"
#include "runtime/placement/placement.hpp"

namespace warpstep::placement {

namespace {

using topology::Node;

void refuse_nonsense(const Node& node, const Request& request, std::size_t cores) {
    const auto at_least_one = [](const char* name, int value) {
        if (value < 1)
            fail<ConfigError>("{} is {} (at least 1 is needed); correct it", name, value);
    };
    at_least_one("the number of tasks", request.tasks);
    at_least_one("gpus_per_task", request.gpus_per_task.value_or(1));
    at_least_one("cpus_per_task", request.cpus_per_task.value_or(1));
    at_least_one("share", request.share);
    if (cores == 0)
        fail<ConfigError>("no core of {} is allowed (allowed CPUs: '{}'); ask for --cpus-per-task",
                          node.source, show(node.allowed));
}

/// The memory nodes nearest to the task's cores, where the step may allocate.
std::vector<int> memory_near(const Node& node, const std::vector<AllowedCore>& cores,
                             const topology::CpuSet& cpus) {
    std::set<int> near;
    for (const AllowedCore& core : cores)
        if (core.cpus.intersects(cpus)) near.insert(core.numa);
    std::vector<int> result;
    for (const topology::NumaNode& numa : node.numa_nodes)
        if (near.count(numa.os_index) && !numa.cpus.empty() && numa.memory_bytes > 0 &&
            numa.allowed)
            result.push_back(numa.os_index);
    std::sort(result.begin(), result.end());
    return result;
}

std::vector<int> idle_gpus(const Node& node, const std::vector<Task>& tasks) {
    std::set<int> idle(node.step_gpus.begin(), node.step_gpus.end());
    for (const Task& task : tasks)
        for (const int gpu : task.gpus) idle.erase(gpu);
    return {idle.begin(), idle.end()};
}

}  // namespace

std::string_view name_of(NicDistance distance) {
    switch (distance) {
        case NicDistance::pci_switch:
            return "switch";
        case NicDistance::host_bridge:
            return "host bridge";
        case NicDistance::numa:
            return "numa";
        case NicDistance::package:
            return "package";
        case NicDistance::machine:
            break;
    }
    return "machine";
}

Placement plan(const Node& node, const Request& request) {
    const std::vector<AllowedCore> cores = allowed_cores(node);
    refuse_nonsense(node, request, cores.size());
    const auto gpus = deal_gpus(node, cores, request);
    const Deal deal = deal_cores(node, cores, gpus, request);

    Placement placement;
    placement.idle_cpus = node.allowed;
    for (std::size_t rank = 0; rank < gpus.size(); ++rank) {
        Task task;
        task.local_rank = static_cast<int>(rank);
        task.gpus = gpus[rank];
        task.cpus = deal.cpus.at(rank);
        task.cores = static_cast<int>(std::count_if(
            cores.begin(), cores.end(),
            [&](const AllowedCore& core) { return core.cpus.intersects(task.cpus); }));
        task.numa = memory_near(node, cores, task.cpus);
        placement.idle_cpus = placement.idle_cpus - task.cpus;
        placement.tasks.push_back(std::move(task));
    }
    placement.idle_gpus = idle_gpus(node, placement.tasks);
    add_notes(node, cores, request, deal.grain, placement.tasks);
    return placement;
}

}  // namespace warpstep::placement
