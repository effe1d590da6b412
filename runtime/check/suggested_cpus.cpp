// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/suggested_cpus.hpp"

#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/check/own_gpu.hpp"
#include "runtime/placement/placement.hpp"

namespace warpstep::check {
namespace {

using topology::CpuSet;

/// The NUMA node that a CPU belongs to, -1 without one.
int numa_of(const std::vector<topology::NumaNode>& nodes, const CpuSet& cpus) {
    const auto found =
        std::find_if(nodes.begin(), nodes.end(),
                     [&](const topology::NumaNode& node) { return node.cpus.intersects(cpus); });
    return found == nodes.end() ? -1 : found->os_index;
}

topology::Gpu gpu_of(const NodeFacts& node, std::size_t index) {
    const GpuFacts& facts = node.gpus[index];
    topology::Gpu gpu;
    gpu.pci = topology::PciAddress::parse(facts.pci).value_or(topology::PciAddress{});
    gpu.index = static_cast<int>(index);
    gpu.name = facts.name;
    gpu.uuid = facts.uuid;
    gpu.memory_bytes = facts.memory_bytes;
    gpu.numa = facts.numa;
    gpu.near_cpus = near_cpus_of(node, facts);
    gpu.located = !gpu.near_cpus.empty();
    if (!gpu.located) gpu.near_cpus = CpuSet::parse(node.cpus);
    return gpu;
}

topology::Node topology_of(const NodeFacts& facts) {
    topology::Node node;
    node.source = "facts";
    node.simulated = true;
    node.cpus = CpuSet::parse(facts.cpus);
    node.allowed = facts.allowed_cpus.empty() ? node.cpus : CpuSet::parse(facts.allowed_cpus);
    node.packages = facts.packages;
    for (const NumaFacts& numa : facts.numa) {
        node.numa_nodes.push_back(
            {numa.os_index, CpuSet::parse(numa.cpus), numa.memory_bytes, true});
    }
    for (const std::string& cpus : facts.cores) {
        topology::Core core;
        core.logical = static_cast<int>(node.cores.size());
        core.cpus = CpuSet::parse(cpus);
        core.numa = numa_of(node.numa_nodes, core.cpus);
        node.cores.push_back(core);
    }
    for (std::size_t i = 0; i < facts.gpus.size(); ++i) node.gpus.push_back(gpu_of(facts, i));
    return node;
}

}  // namespace

std::vector<CpuSet> suggested_cpus(const NodeFacts& node,
                                   const std::vector<const RankFacts*>& ranks) {
    topology::Node machine = topology_of(node);
    placement::Request request;
    request.tasks = static_cast<int>(ranks.size());
    for (const RankFacts* rank : ranks) {
        const auto gpu = own_gpu(node, *rank);
        if (!gpu) return {};
        const int index = static_cast<int>(*gpu);
        request.visible.push_back({index});
        machine.step_gpus.push_back(index);
    }
    std::sort(machine.step_gpus.begin(), machine.step_gpus.end());
    machine.step_gpus.erase(std::unique(machine.step_gpus.begin(), machine.step_gpus.end()),
                            machine.step_gpus.end());
    machine.visible_order = machine.step_gpus;
    std::vector<CpuSet> found;
    try {
        for (const auto& task : placement::plan(machine, request).tasks) found.push_back(task.cpus);
    } catch (const ConfigError&) {
        found.clear();  // no placement, no suggestion
    }
    return found;
}

std::string cpu_mask(const CpuSet& cpus) {
    const std::vector<int> bits = cpus.cpus();
    std::string digits(bits.empty() ? 1 : static_cast<std::size_t>(bits.back() / 4 + 1), '0');
    for (const int bit : bits) {
        char& digit = digits[digits.size() - 1 - static_cast<std::size_t>(bit / 4)];
        const int value = (digit <= '9' ? digit - '0' : digit - 'a' + 10) | 1 << bit % 4;
        digit = "0123456789abcdef"[value];
    }
    return "0x" + digits;
}

}  // namespace warpstep::check
