// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "runtime/base/error.hpp"
#include "runtime/placement/deal_cores.hpp"
#include "runtime/placement/deal_gpus.hpp"
#include "runtime/placement/deal_nics.hpp"
#include "runtime/placement/deal_visible.hpp"
#include "runtime/placement/interleave.hpp"
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
    at_least_one("pus_per_core", request.pus_per_core.value_or(1));
    at_least_one("share", request.share);
    if (cores == 0)
        fail<ConfigError>("no core of {} is allowed (allowed CPUs: '{}'); ask for --cpus-per-task",
                          node.source, show(node.allowed));
    const long needed = static_cast<long>(request.tasks) * request.cpus_per_task.value_or(0);
    if (needed > static_cast<long>(cores))
        fail<ConfigError>(
            "{} tasks with {} cores each need {} cores ({} are allowed on this node); ask for more "
            "with --cpus-per-task or lower cpus_per_task",
            request.tasks, *request.cpus_per_task, needed, cores);
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
    const std::vector<AllowedCore> cores = allowed_cores(node, request.pus_per_core);
    refuse_nonsense(node, request, cores.size());
    const std::vector<int> order = gpus_in_order(node);
    const Ground ground = ground_of(node, cores, order);
    const auto gpus = request.visible.empty() ? deal_gpus(order, ground, request)
                                              : deal_visible(node, cores, request);
    const auto cpus = deal_cores(cores, ground, gpus, request);

    Placement placement;
    placement.idle_cpus = node.allowed;
    for (std::size_t rank = 0; rank < gpus.size(); ++rank) {
        Task task;
        task.local_rank = static_cast<int>(rank);
        task.gpus = gpus[rank];
        task.cpus = cpus.at(rank);
        task.cores = static_cast<int>(std::count_if(
            cores.begin(), cores.end(),
            [&](const AllowedCore& core) { return core.cpus.intersects(task.cpus); }));
        task.numa = memory_near(node, cores, task.cpus);
        placement.idle_cpus = placement.idle_cpus - task.cpus;
        placement.tasks.push_back(std::move(task));
    }
    placement.idle_gpus = idle_gpus(node, placement.tasks);
    deal_nics(node, placement.tasks);
    // Who sees its own GPUs only cannot change places.
    if (request.interleave && request.visible.empty()) interleave(node, placement.tasks);
    add_notes(node, cores, request, placement);
    return placement;
}

}  // namespace warpstep::placement
