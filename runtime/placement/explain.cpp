// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/explain.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "runtime/base/counted.hpp"
#include "runtime/placement/locality.hpp"

namespace warpstep::placement {

namespace {

using topology::CpuSet;
using topology::Node;

/// What the sentences of all tasks need.
struct Scene {
    const Node& node;
    const Request& request;
    const Placement& placement;
    std::vector<AllowedCore> cores;

    std::size_t cores_in(const CpuSet& cpus) const {
        return static_cast<std::size_t>(
            std::count_if(cores.begin(), cores.end(),
                          [&](const AllowedCore& core) { return cpus.contains(core.cpus); }));
    }
    std::size_t tasks_on(int gpu) const {
        return static_cast<std::size_t>(
            std::count_if(placement.tasks.begin(), placement.tasks.end(), [&](const Task& task) {
                return std::count(task.gpus.begin(), task.gpus.end(), gpu) > 0;
            }));
    }
    std::size_t tasks_using(const CpuSet& cpus) const {
        return static_cast<std::size_t>(
            std::count_if(placement.tasks.begin(), placement.tasks.end(),
                          [&](const Task& task) { return task.cpus.intersects(cpus); }));
    }
};

std::string where(const Node& node, const topology::Gpu& gpu) {
    if (gpu.numa >= 0) return fmt::format("is on NUMA node {}", gpu.numa);
    if (!gpu.located) return "has no known place, so every core counts as near";
    return fmt::format("is near {}", show_nodes(node, gpu.near_cpus));
}

std::string gpu_sentence(const Scene& scene, int index) {
    const topology::Gpu& gpu = scene.node.gpus.at(static_cast<std::size_t>(index));
    const std::string named =
        gpu.visible_name().empty() ? "" : fmt::format(" ({})", gpu.visible_name());
    const std::size_t tasks = scene.tasks_on(index);
    return fmt::format("GPU {}{} {}{}.", show(gpu.pci), named, where(scene.node, gpu),
                       tasks > 1 ? fmt::format("; {} tasks share it", tasks) : "");
}

/// Why these GPUs and no others.
std::string choice_sentence(const Scene& scene, const Task& task) {
    const std::size_t gpus = scene.node.step_gpus.size(), tasks = scene.placement.tasks.size();
    if (!scene.request.wants_gpus) return "No GPU: the host device was asked for.";
    if (task.gpus.empty()) return "No GPU: the step has none on this node.";
    if (tasks > gpus)
        return fmt::format("{} tasks divide {} evenly, in the order of the hardware.", tasks,
                           counted(gpus, "GPU"));
    if (scene.request.gpus_per_task)
        return fmt::format(
            "{} as asked for, chosen so that as many tasks as possible have near cores.",
            counted(task.gpus.size(), "GPU"));
    return fmt::format("{} of {}, divided evenly in the order of the hardware.", task.gpus.size(),
                       counted(gpus, "GPU"));
}

std::string size_reason(const Scene& scene, const CpuSet& around) {
    if (scene.request.cpus_per_task) return "as many as asked for";
    const std::size_t tasks = scene.tasks_using(around);
    return tasks > 1 ? fmt::format("shared fairly by {} tasks", tasks) : "for this task alone";
}

std::string core_sentence(const Scene& scene, const Task& task) {
    const CpuSet near = near_any(scene.node, task.gpus);
    const std::string cores =
        fmt::format("{} {}", task.cpus.size() == 1 ? "CPU" : "CPUs", show(task.cpus));
    const std::size_t all = scene.cores.size(), tasks = scene.placement.tasks.size();
    if (tasks > all)
        return fmt::format("{}: {} tasks divide the hardware threads of {}.", cores, tasks,
                           counted(all, "core"));
    if (task.gpus.empty() || !scene.request.near_gpu)
        return fmt::format("{} are {} of the {} allowed, given in order, {}.", cores,
                           counted(task.cores, "core"), all, size_reason(scene, scene.node.cpus));
    if (task.remote)
        return fmt::format("{} are {} on {}, the nearest that {} left.", cores,
                           counted(task.cores, "core"), show_nodes(scene.node, task.cpus),
                           task.cores == 1 ? "was" : "were");
    return fmt::format("{} are {} of the {} near {}, {}.", cores, counted(task.cores, "core"),
                       scene.cores_in(near), task.gpus.size() == 1 ? "it" : "them",
                       size_reason(scene, near));
}

std::string memory_sentence(const Task& task) {
    if (task.numa.empty())
        return "Memory: the system's default (no node of these cores has memory for the step).";
    return fmt::format("Memory comes from NUMA node{} {} first, the node{} of these cores.",
                       task.numa.size() == 1 ? "" : "s", fmt::join(task.numa, ","),
                       task.numa.size() == 1 ? "" : "s");
}

std::string path_to(NicDistance distance) {
    switch (distance) {
        case NicDistance::pci_switch:
            return "behind the same PCIe switch";
        case NicDistance::host_bridge:
            return "behind the same host bridge";
        case NicDistance::numa:
            return "on the same NUMA node";
        case NicDistance::package:
            return "on the same package";
        case NicDistance::machine:
            break;
    }
    return "elsewhere in the machine, as every other";
}

std::string nic_sentence(const Scene& scene, const Task& task, std::size_t i) {
    const topology::Nic& nic = scene.node.nics.at(static_cast<std::size_t>(task.nics[i].nic));
    const std::string of =
        i < task.gpus.size() ? name_of_gpu(scene.node, task.gpus[i]) : "its cores";
    return fmt::format("Network adapter {} for {}: {}.",
                       nic.name.empty() ? show(nic.pci) : nic.name, of,
                       path_to(task.nics[i].distance));
}

std::vector<std::string> sentences(const Scene& scene, const Task& task) {
    std::vector<std::string> result{choice_sentence(scene, task)};
    for (const int gpu : task.gpus) result.push_back(gpu_sentence(scene, gpu));
    result.push_back(core_sentence(scene, task));
    result.push_back(memory_sentence(task));
    for (std::size_t i = 0; i < task.nics.size(); ++i)
        result.push_back(nic_sentence(scene, task, i));
    for (const std::string& note : task.notes) result.push_back("Note: " + note + ".");
    return result;
}

}  // namespace

std::vector<std::vector<std::string>> explain(const Node& node, const Request& request,
                                              const Placement& placement) {
    const Scene scene{node, request, placement, allowed_cores(node, request.pus_per_core)};
    std::vector<std::vector<std::string>> result;
    for (const Task& task : placement.tasks) result.push_back(sentences(scene, task));
    return result;
}

}  // namespace warpstep::placement
