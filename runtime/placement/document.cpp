// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/document.hpp"

#include <algorithm>

namespace warpstep::placement {

namespace {

using topology::Node;

DocumentGpu gpu_of(const Node& node, int index) {
    const topology::Gpu& gpu = node.gpus.at(static_cast<std::size_t>(index));
    return {show(gpu.pci), gpu.visible_name(), gpu.index, gpu.numa};
}

/// Each adapter once, in the order of the GPUs that it goes with.
std::vector<std::string> nics_of(const Node& node, const Task& task) {
    std::vector<std::string> names;
    for (const TaskNic& of_gpu : task.nics) {
        const topology::Nic& nic = node.nics.at(static_cast<std::size_t>(of_gpu.nic));
        const std::string name = nic.name.empty() ? show(nic.pci) : nic.name;
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    return names;
}

}  // namespace

DocumentNode describe(const std::string& name, const Node& node, const Placement& placement) {
    DocumentNode result;
    result.name = name;
    for (const Task& task : placement.tasks) {
        DocumentTask described;
        described.local_rank = task.local_rank;
        for (const int gpu : task.gpus) described.gpus.push_back(gpu_of(node, gpu));
        described.cpus = task.cpus;
        described.cores = task.cores;
        described.numa = task.numa;
        described.nics = nics_of(node, task);
        described.remote = task.remote;
        described.notes = task.notes;
        result.tasks.push_back(std::move(described));
    }
    for (const int gpu : placement.idle_gpus) result.idle_gpus.push_back(gpu_of(node, gpu));
    result.idle_cpus = placement.idle_cpus;
    result.notes = placement.notes;
    return result;
}

}  // namespace warpstep::placement
