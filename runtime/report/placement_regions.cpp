// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/placement_regions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/units.hpp"

namespace warpstep::report {
namespace {

using topology::CpuSet;
using topology::Node;
using topology::NumaNode;

std::string title_of(const NumaNode& numa) {
    const std::string memory = numa.memory_bytes == 0 ? "no memory" : show_bytes(numa.memory_bytes);
    return fmt::format("NUMA {} · {}{}", numa.os_index, memory,
                       numa.allowed ? "" : " · not allowed");
}

std::string title_of(const Node& node, int os_index) {
    for (const auto& numa : node.numa_nodes)
        if (numa.os_index == os_index) return title_of(numa);
    return "no NUMA node";
}

std::vector<Region> regions_with_cores(const Node& node) {
    std::vector<Region> regions;
    for (std::size_t i = 0; i < node.cores.size(); ++i) {
        const auto& core = node.cores[i];
        auto it = std::find_if(regions.begin(), regions.end(), [&](const Region& region) {
            return region.package == core.package && region.numa == core.numa;
        });
        if (it == regions.end()) {
            regions.push_back({core.package, core.numa, title_of(node, core.numa), {}, {}});
            it = regions.end() - 1;
        }
        it->cores.push_back(static_cast<int>(i));
    }
    std::stable_sort(regions.begin(), regions.end(),
                     [](const Region& a, const Region& b) { return a.package < b.package; });
    return regions;
}

// Several kinds of memory beside the same cores stand in one title.
void add_memory_without_cores(const Node& node, Regions& regions) {
    for (const auto& numa : node.numa_nodes) {
        const auto has_cores = [&](const Region& region) { return region.numa == numa.os_index; };
        if (std::any_of(regions.numa.begin(), regions.numa.end(), has_cores)) continue;
        const auto beside = [&](const Region& region) {
            return std::all_of(region.cores.begin(), region.cores.end(), [&](int core) {
                return numa.cpus.contains(node.cores[static_cast<std::size_t>(core)].cpus);
            });
        };
        const bool alone = numa.cpus.empty() ||
                           std::count_if(regions.numa.begin(), regions.numa.end(), beside) != 1;
        if (alone)
            regions.cpuless.push_back(title_of(numa));
        else
            std::find_if(regions.numa.begin(), regions.numa.end(), beside)->title +=
                " + " + title_of(numa);
    }
}

class Sorter {
  public:
    Sorter(const PlacedNodes& nodes, const Owners& owners, Regions& regions)
        : node_(nodes.node), owners_(owners), regions_(regions) {
        for (const auto& core : node_.cores) {
            const auto package = static_cast<std::size_t>(std::max(core.package, 0));
            if (packages_.size() <= package) packages_.resize(package + 1);
            packages_[package] = packages_[package] | core.cpus;
        }
        regions_.of_packages.resize(packages_.size());
    }

    void sort() {
        for (std::size_t i = 0; i < node_.gpus.size(); ++i) {
            const auto& gpu = node_.gpus[i];
            place_of(gpu.located ? gpu.numa : -1, gpu.near_cpus)
                .push_back({static_cast<int>(i), {}});
        }
        for (std::size_t i = 0; i < node_.nics.size(); ++i) {
            const auto& nic = node_.nics[i];
            add_nic(static_cast<int>(i), place_of(nic.numa, nic.near_cpus));
        }
    }

  private:
    std::vector<DeviceColumn>& place_of(int numa, const CpuSet& near) {
        for (auto& region : regions_.numa) {
            const auto package = static_cast<std::size_t>(std::max(region.package, 0));
            if (numa >= 0 && region.numa == numa && near.intersects(packages_[package]))
                return region.devices;
        }
        for (std::size_t package = 0; package < packages_.size(); ++package)
            if (packages_.size() > 1 && !near.empty() && packages_[package].contains(near))
                return regions_.of_packages[package];
        return regions_.elsewhere;
    }

    // Below the GPU that it serves, where that is here.
    void add_nic(int nic, std::vector<DeviceColumn>& columns) {
        for (auto& column : columns) {
            const std::pair<int, int> pair(column.gpu, nic);
            if (std::count(owners_.gpu_nic_pairs.begin(), owners_.gpu_nic_pairs.end(), pair) == 0)
                continue;
            column.nics.push_back(nic);
            return;
        }
        columns.push_back({-1, {nic}});
    }

    const Node& node_;
    const Owners& owners_;
    Regions& regions_;
    std::vector<CpuSet> packages_;
};

}  // namespace

Regions regions_of(const PlacedNodes& nodes, const Owners& owners) {
    Regions regions;
    regions.numa = regions_with_cores(nodes.node);
    add_memory_without_cores(nodes.node, regions);
    Sorter(nodes, owners, regions).sort();
    return regions;
}

}  // namespace warpstep::report
