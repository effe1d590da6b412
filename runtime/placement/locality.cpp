// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/locality.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <tuple>

namespace warpstep::placement {

using topology::CpuSet;
using topology::Node;
using topology::PciAddress;

namespace {

CpuSet first_of(const CpuSet& cpus, int count) {
    CpuSet first;
    for (const int cpu : cpus.cpus())
        if (count-- > 0) first.add(cpu);
    return first;
}

}  // namespace

bool comes_before(const AllowedCore& a, const AllowedCore& b) {
    return std::tie(a.package, a.numa, a.logical) < std::tie(b.package, b.numa, b.logical);
}

std::vector<AllowedCore> allowed_cores(const Node& node, std::optional<int> pus_per_core) {
    std::vector<AllowedCore> cores;
    for (const topology::Core& core : node.cores) {
        const CpuSet cpus = core.cpus & node.allowed;
        if (cpus.empty()) continue;
        cores.push_back({core.logical, core.package, core.numa,
                         pus_per_core ? first_of(cpus, *pus_per_core) : cpus});
    }
    std::sort(cores.begin(), cores.end(), comes_before);
    return cores;
}

int pus_in(const std::vector<AllowedCore>& cores) {
    int count = 0;
    for (const AllowedCore& core : cores) count += core.cpus.size();
    return count;
}

namespace {

using Position = std::tuple<int, int, PciAddress, std::string>;

/// Where a GPU stands among the others; the whole machine counts, so that the allowed set cannot
/// reorder GPUs.
Position position_of(const Node& node, const topology::Gpu& gpu) {
    constexpr int last = std::numeric_limits<int>::max();
    if (!gpu.located) return {last, last, gpu.pci, gpu.mig_uuid};
    std::pair<int, int> first{last, last};
    for (const topology::Core& core : node.cores)
        if (core.cpus.intersects(gpu.near_cpus))
            first = std::min(first, std::pair(core.package, core.numa));
    return {first.first, first.second, gpu.pci, gpu.mig_uuid};
}

}  // namespace

std::vector<int> gpus_in_order(const Node& node) {
    std::vector<std::pair<Position, int>> placed;
    for (const int gpu : node.step_gpus)
        placed.push_back({position_of(node, node.gpus.at(static_cast<std::size_t>(gpu))), gpu});
    std::sort(placed.begin(), placed.end());
    std::vector<int> order;
    for (const auto& [position, gpu] : placed) order.push_back(gpu);
    return order;
}

CpuSet near_any(const Node& node, const std::vector<int>& gpus) {
    CpuSet near;
    for (const int index : gpus) {
        const topology::Gpu& gpu = node.gpus.at(static_cast<std::size_t>(index));
        near = near | (gpu.located ? gpu.near_cpus : node.cpus);
    }
    return near;
}

std::string name_of_gpu(const Node& node, int gpu) {
    const topology::Gpu& g = node.gpus.at(static_cast<std::size_t>(gpu));
    return fmt::format("GPU {}{}{}", show(g.pci), g.mig_uuid.empty() ? "" : " ", g.mig_uuid);
}

std::string show_nodes(const Node& node, const CpuSet& cpus) {
    CpuSet numa;
    for (const topology::NumaNode& candidate : node.numa_nodes)
        if (candidate.cpus.intersects(cpus)) numa.add(candidate.os_index);
    if (numa.empty()) return fmt::format("CPUs {}", show(cpus));
    return fmt::format("NUMA node{} {}", numa.size() == 1 ? "" : "s", show(numa));
}

int seam(const AllowedCore& a, const AllowedCore& b) {
    constexpr int package_boundary = 4, numa_boundary = 1;
    if (a.package != b.package) return package_boundary;
    return a.numa != b.numa ? numa_boundary : 0;
}

}  // namespace warpstep::placement
