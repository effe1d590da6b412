// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/locality.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace warpstep::placement {

using topology::CpuSet;
using topology::Node;
using topology::PciAddress;

std::vector<AllowedCore> allowed_cores(const Node& node) {
    std::vector<AllowedCore> cores;
    for (const topology::Core& core : node.cores) {
        const CpuSet cpus = core.cpus & node.allowed;
        if (!cpus.empty()) cores.push_back({core.logical, core.package, core.numa, cpus});
    }
    std::sort(cores.begin(), cores.end(), [](const AllowedCore& a, const AllowedCore& b) {
        return std::tie(a.package, a.numa, a.logical) < std::tie(b.package, b.numa, b.logical);
    });
    return cores;
}

namespace {

using Position = std::tuple<int, int, PciAddress>;

/// Where a GPU stands among the others; the whole machine counts, so that the allowed set cannot
/// reorder GPUs.
Position position_of(const Node& node, const topology::Gpu& gpu) {
    constexpr int last = std::numeric_limits<int>::max();
    if (!gpu.located) return {last, last, gpu.pci};
    std::pair<int, int> first{last, last};
    for (const topology::Core& core : node.cores)
        if (core.cpus.intersects(gpu.near_cpus))
            first = std::min(first, std::pair(core.package, core.numa));
    return {first.first, first.second, gpu.pci};
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

int seam(const AllowedCore& a, const AllowedCore& b) {
    constexpr int package_boundary = 4, numa_boundary = 1;
    if (a.package != b.package) return package_boundary;
    return a.numa != b.numa ? numa_boundary : 0;
}

}  // namespace warpstep::placement
