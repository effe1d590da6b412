// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/counted.hpp"
#include "runtime/base/text.hpp"
#include "runtime/check/collect.hpp"
#include "runtime/check/collect/bus.hpp"
#include "runtime/check/collect/files.hpp"
#include "runtime/check/collect/parts.hpp"

namespace warpstep::check {

namespace {

using topology::Node;

std::string machine_text(const Node& node) {
    std::size_t gpus = 0;
    for (std::size_t i = 0; i < node.gpus.size(); ++i)
        gpus += i == 0 || node.gpus[i].pci != node.gpus[i - 1].pci ? 1 : 0;
    std::string text = fmt::format("{}, {}, {}", counted(node.packages, "package"),
                                   counted(node.numa_nodes.size(), "NUMA node"),
                                   counted(node.cores.size(), "core"));
    if (gpus > 0) text += ", " + counted(gpus, "GPU");
    return text;
}

/// "Node 0 MemFree:   512 kB" of the node's own meminfo.
std::optional<std::uint64_t> free_bytes_of(const Sources& sources, int numa) {
    const auto text =
        text_of(fmt::format("{}/devices/system/node/node{}/meminfo", sources.sys, numa));
    if (!text) return std::nullopt;
    const std::string value =
        variable(colon_lines(*text), fmt::format("Node {} MemFree", numa).c_str()).value_or("");
    const auto kib = number_in(value.substr(0, value.find(' ')));
    if (!kib || *kib < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*kib) * 1024;
}

void take_machine(const Sources& sources, const Node& node, NodeFacts& facts) {
    facts.described = node.simulated;
    facts.machine = machine_text(node);
    facts.packages = node.packages;
    for (const topology::Core& core : node.cores) facts.cores.push_back(show(core.cpus));
    facts.cpus = show(node.cpus);
    facts.allowed_cpus = show(node.allowed);
    for (const topology::NumaNode& numa : node.numa_nodes) {
        facts.numa.push_back(
            {numa.os_index, show(numa.cpus), numa.memory_bytes,
             node.simulated ? std::nullopt : free_bytes_of(sources, numa.os_index)});
        facts.memory_bytes += numa.memory_bytes;
    }
}

/// Minor numbers of a described node count its GPUs.
std::vector<GpuFacts> described_gpus(const Node& node) {
    std::vector<GpuFacts> gpus;
    for (const topology::Gpu& gpu : node.gpus) {
        const std::string pci = show(gpu.pci);
        if (gpu.vendor != topology::nvidia_vendor && gpu.vendor != 0) continue;
        if (gpus.empty() || gpus.back().pci != pci) {
            GpuFacts one;
            one.uuid = gpu.uuid;
            one.serial = gpu.serial;
            one.pci = pci;
            one.name = gpu.name;
            one.index = one.minor = gpu.index;
            one.memory_bytes = gpu.memory_bytes;
            one.numa = gpu.numa;
            one.near_cpus = show(gpu.near_cpus);
            gpus.push_back(one);
        }
        if (gpu.mig_uuid.empty()) continue;
        gpus.back().modes.mig_current = gpus.back().modes.mig_pending = true;
        gpus.back().modes.mig_instances.push_back(gpu.mig_uuid);
    }
    return gpus;
}

/// Where hwloc says that a GPU is, where sysfs says nothing; and who was given it.
void place_gpus(const Node& node, NodeFacts& facts) {
    for (GpuFacts& gpu : facts.gpus) {
        bool known = false, granted = false;
        for (std::size_t i = 0; i < node.gpus.size(); ++i) {
            const topology::Gpu& other = node.gpus[i];
            const bool same =
                show(other.pci) == gpu.pci || (!gpu.uuid.empty() && other.uuid == gpu.uuid);
            if (!same) continue;
            known = true;
            granted = granted || std::count(node.step_gpus.begin(), node.step_gpus.end(),
                                            static_cast<int>(i)) > 0;
            if (gpu.numa < 0) gpu.numa = other.numa;
            if (gpu.near_cpus.empty()) gpu.near_cpus = show(other.near_cpus);
            if (gpu.serial.empty()) gpu.serial = other.serial;
            if (gpu.memory_bytes == 0) gpu.memory_bytes = other.memory_bytes;
        }
        if (known) gpu.granted = gpu.granted && granted;
    }
}

/// Where NVML is asked by the child alone, `node` does not know the instances that a list names.
void grant_instances(const Sources& sources, NodeFacts& facts) {
    const auto list = split(variable(sources.env, "CUDA_VISIBLE_DEVICES").value_or(""), ',');
    for (GpuFacts& gpu : facts.gpus)
        for (const std::string& instance : gpu.modes.mig_instances)
            if (std::count(list.begin(), list.end(), instance) > 0) gpu.granted = true;
}

void take_gpus(const Sources& sources, const Node& node, NodeFacts& facts) {
    const bool nvml_named = !variable(sources.env, "WARPSTEP_NVML_LIBRARY").value_or("").empty();
    facts.gpus = node.simulated ? described_gpus(node) : gpus_on_bus(sources);
    facts.has_nvidia = node.simulated ? !facts.gpus.empty() : nvidia_is_here(sources);
    if (!node.simulated) {
        const auto minors = numbered_entries(sources.dev, "nvidia");
        if (facts.has_nvidia || !minors.empty())
            facts.device_files = static_cast<int>(minors.size());
    }
    if (nvml_named || (!node.simulated && facts.has_nvidia))
        add_gpu_report(facts, run_gpu_child(sources, GpuDetail::health), sources.gpu_limit);
    place_gpus(node, facts);
    grant_instances(sources, facts);
}

}  // namespace

NodeFacts collect_node(const Sources& sources, const Node& node) {
    NodeFacts facts;
    const std::string slurm_name = variable(sources.env, "SLURMD_NODENAME").value_or("");
    facts.name = slurm_name.empty() ? sources.host_name : slurm_name;
    facts.boot_id = line_of(sources.proc + "/sys/kernel/random/boot_id").value_or("");
    facts.kernel = line_of(sources.proc + "/sys/kernel/osrelease").value_or("");
    take_machine(sources, node, facts);
    collect_nics(sources, node, facts);
    take_gpus(sources, node, facts);
    if (!node.simulated) {
        collect_kernel(sources, facts);
        collect_bridges(sources, facts);
        collect_xids(sources, facts);
    }
    collect_slurm(sources, facts);
    return facts;
}

}  // namespace warpstep::check
