// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "runtime/topology/nvml.hpp"
#include "runtime/topology/read.hpp"

namespace warpstep::topology {

namespace {

void fill(std::string& empty, const std::string& value) {
    if (empty.empty()) empty = value;
}

/// The CPUs of the memory nodes that NVML names: the whole machine when they have none.
CpuSet cpus_of(const std::vector<int>& memory_nodes, const Node& node) {
    CpuSet cpus;
    for (const NumaNode& numa : node.numa_nodes)
        if (std::count(memory_nodes.begin(), memory_nodes.end(), numa.os_index))
            cpus = cpus | numa.cpus;
    return cpus.empty() ? node.cpus : cpus;
}

/// The GPU as PCI and the operating system know it; a new one where they do not show it.
Gpu take(const NvmlGpu& told, Node& node) {
    Gpu gpu;
    const auto known = std::find_if(node.gpus.begin(), node.gpus.end(),
                                    [&](const Gpu& other) { return other.pci == told.pci; });
    if (known != node.gpus.end()) {
        gpu = *known;
        node.gpus.erase(known);
    } else {
        gpu.pci = told.pci;
        gpu.vendor = nvidia_vendor;
    }
    if (!gpu.located) locate(gpu, cpus_of(told.memory_nodes, node), node);
    fill(gpu.name, told.name);
    fill(gpu.uuid, told.uuid);
    fill(gpu.serial, told.serial);
    if (gpu.memory_bytes == 0) gpu.memory_bytes = told.memory_bytes;
    gpu.visible = true;
    gpu.usable = !told.mig || !told.instances.empty();
    return gpu;
}

}  // namespace

void add_nvml(const NvmlReading& reading, Node& node) {
    node.nvml_problem = reading.problem;
    if (!reading.problem.empty()) return;
    node.driver = reading.driver;
    node.notes.insert(node.notes.end(), reading.notes.begin(), reading.notes.end());

    std::vector<Gpu> listed;
    for (const NvmlGpu& told : reading.gpus) {
        const Gpu gpu = take(told, node);
        if (!gpu.usable)
            node.notes.push_back(
                fmt::format("GPU {} is in MIG mode without instances, so nothing can run on it; "
                            "create some with: nvidia-smi mig -cgi",
                            show(gpu.pci)));
        add_expanded(gpu, told.instances, listed);
    }
    for (Gpu& unlisted : node.gpus)
        if (unlisted.vendor == nvidia_vendor) unlisted.visible = false;
    node.gpus.insert(node.gpus.end(), listed.begin(), listed.end());
    order_gpus(node.gpus);
}

}  // namespace warpstep::topology
