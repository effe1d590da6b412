// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/sketch.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace warpstep::placement {

namespace {

using topology::CpuSet;
using topology::Node;

class Drawing {
  public:
    explicit Drawing(const Sketch& sketch) : sketch_(sketch) {}

    Node draw() {
        node_.source = "drawn";
        node_.simulated = true;
        node_.packages = sketch_.packages;
        add_cores();
        if (sketch_.has_numa) add_memory();
        if (sketch_.has_distances) add_distances();
        for (const Sketch::Device& gpu : sketch_.gpus) add_gpu(gpu);
        for (const Sketch::Device& nic : sketch_.nics) add_nic(nic);
        node_.allowed = node_.cpus;
        for (std::size_t i = 0; i < node_.gpus.size(); ++i)
            node_.step_gpus.push_back(static_cast<int>(i));
        return std::move(node_);
    }

  private:
    int numa_of(int place) const { return sketch_.has_numa ? place * sketch_.numa_step : -1; }

    CpuSet pus_of(int core, int cores) const {
        CpuSet cpus;
        const int threads = sketch_.hybrid && core % 2 == 1 ? 1 : sketch_.smt;
        for (int thread = 0; thread < threads; ++thread) {
            const int pu =
                sketch_.threads_together ? core * sketch_.smt + thread : thread * cores + core;
            const auto& offline = sketch_.offline;
            if (std::find(offline.begin(), offline.end(), pu) == offline.end())
                cpus.add(sketch_.first_cpu + pu * sketch_.cpu_step);
        }
        return cpus;
    }

    void add_cores() {
        const int cores = sketch_.numa_nodes() * sketch_.cores_per_numa;
        for (int core = 0; core < cores; ++core) {
            const CpuSet cpus = pus_of(core, cores);
            if (cpus.empty()) continue;
            const int place = core / sketch_.cores_per_numa;
            node_.cores.push_back({static_cast<int>(node_.cores.size()), cpus,
                                   place / sketch_.numa_per_package, numa_of(place)});
            node_.cpus = node_.cpus | cpus;
        }
    }

    void add_memory() {
        constexpr std::uint64_t memory = std::uint64_t{64} << 30;
        for (int place = 0; place < sketch_.numa_nodes(); ++place) {
            const bool has_memory = sketch_.has_memory_everywhere || place % 2 == 0;
            node_.numa_nodes.push_back(
                {numa_of(place), cpus_at(Sketch::Level::numa, place), has_memory ? memory : 0});
        }
        for (int i = 0; i < sketch_.cpuless_nodes; ++i)
            node_.numa_nodes.push_back({numa_of(sketch_.numa_nodes() + i), {}, memory});
    }

    /// Nearer in the package, and nearer to the next package than to the one after it.
    void add_distances() {
        const auto package_of = [&](std::size_t i) {
            return static_cast<int>(i) / sketch_.numa_per_package;
        };
        const std::size_t count = node_.numa_nodes.size();
        for (std::size_t from = 0; from < count; ++from) {
            node_.numa_distances.emplace_back();
            for (std::size_t to = 0; to < count; ++to) {
                const int apart = std::abs(package_of(from) - package_of(to));
                const int within = 12 + static_cast<int>((from ^ to) % 3);
                node_.numa_distances.back().push_back(from == to   ? 10
                                                      : apart == 0 ? within
                                                                   : 20 + 8 * apart);
            }
        }
    }

    CpuSet cpus_at(Sketch::Level level, int place) const {
        CpuSet cpus;
        int seen = 0;
        for (const topology::Core& core : node_.cores) {
            const bool same_package = core.package == place / sketch_.numa_per_package;
            const bool same_numa = sketch_.has_numa ? core.numa == numa_of(place) : same_package;
            const bool taken =
                level == Sketch::Level::machine ||
                (level == Sketch::Level::package && same_package) ||
                (level == Sketch::Level::numa && same_numa) ||
                (level == Sketch::Level::cache && same_numa && 2 * seen++ < sketch_.cores_per_numa);
            if (taken) cpus = cpus | core.cpus;
        }
        return cpus;
    }

    template <typename Thing>
    void hang(Thing& thing, const Sketch::Device& device) {
        thing.pci = {0, static_cast<unsigned>(0x10 + 5 * devices_++), 0, 0};
        thing.near_cpus = cpus_at(device.level, device.place);
        if (thing.near_cpus.empty()) thing.near_cpus = node_.cpus;
        const bool tells =
            device.level == Sketch::Level::numa || device.level == Sketch::Level::cache;
        if (tells && sketch_.has_numa) thing.numa = numa_of(device.place);
        if (!sketch_.has_bridges) return;
        constexpr int first_switch = 1000;
        thing.path = {device.place};
        if (device.bridge >= 0) thing.path.push_back(first_switch + device.bridge);
    }

    void add_gpu(const Sketch::Device& device) {
        topology::Gpu gpu;
        hang(gpu, device);
        gpu.located = gpu.near_cpus != node_.cpus;
        gpu.index = gpus_++;
        gpu.name = "drawn GPU";
        gpu.uuid = fmt::format("GPU-{:08x}", gpu.index);
        const int instances = gpu.index == 0 ? sketch_.instances : 0;
        if (instances == 0) node_.gpus.push_back(gpu);
        for (int i = 0; i < instances; ++i) {
            gpu.mig_uuid = fmt::format("MIG-{:08x}-{}", gpu.index, i);
            node_.gpus.push_back(gpu);
        }
    }

    void add_nic(const Sketch::Device& device) {
        topology::Nic nic;
        hang(nic, device);
        nic.name = fmt::format("mlx5_{}", node_.nics.size());
        nic.fabric = device.fabric;
        node_.nics.push_back(nic);
    }

    const Sketch& sketch_;
    Node node_;
    int devices_ = 0, gpus_ = 0;
};

}  // namespace

Node node_of(const Sketch& sketch) {
    return Drawing(sketch).draw();
}

}  // namespace warpstep::placement
