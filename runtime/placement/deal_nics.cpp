// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/deal_nics.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "runtime/placement/pools.hpp"

namespace warpstep::placement {

namespace {

using topology::CpuSet;
using topology::Node;

/// Where a GPU, an adapter or a task is.
struct Spot {
    topology::PciPath path;
    std::set<int> numa, packages;
    auto key() const { return std::tie(path, numa, packages); }
    friend bool operator<(const Spot& a, const Spot& b) { return a.key() < b.key(); }
};

std::set<int> packages_of(const Node& node, const CpuSet& cpus) {
    std::set<int> packages;
    for (const topology::Core& core : node.cores)
        if (core.cpus.intersects(cpus)) packages.insert(core.package);
    return packages;
}

template <typename Device>
Spot spot_of_device(const Node& node, const Device& device) {
    Spot spot{device.path, {}, packages_of(node, device.near_cpus)};
    if (device.numa >= 0) spot.numa.insert(device.numa);
    return spot;
}

Spot spot_of_cores(const Node& node, const CpuSet& cpus) {
    Spot spot{{}, {}, packages_of(node, cpus)};
    for (const topology::Core& core : node.cores)
        if (core.cpus.intersects(cpus) && core.numa >= 0) spot.numa.insert(core.numa);
    return spot;
}

bool have_common(const std::set<int>& a, const std::set<int>& b) {
    return std::any_of(a.begin(), a.end(), [&](int i) { return b.count(i) > 0; });
}

/// A device near several packages is near none in particular.
bool in_one_of(const std::set<int>& device, const std::set<int>& packages) {
    return device.size() == 1 && packages.count(*device.begin()) > 0;
}

NicDistance distance_between(const Spot& user, const Spot& nic) {
    const auto end =
        std::mismatch(user.path.begin(), user.path.end(), nic.path.begin(), nic.path.end()).first;
    const auto common = end - user.path.begin();
    if (common > 1) return NicDistance::pci_switch;
    if (common == 1) return NicDistance::host_bridge;
    if (have_common(user.numa, nic.numa)) return NicDistance::numa;
    return in_one_of(nic.packages, user.packages) ? NicDistance::package : NicDistance::machine;
}

std::vector<int> candidates(const Node& node) {
    std::vector<int> all, fabric;
    for (std::size_t i = 0; i < node.nics.size(); ++i) {
        all.push_back(static_cast<int>(i));
        if (node.nics[i].fabric) fabric.push_back(static_cast<int>(i));
    }
    return fabric.empty() ? all : fabric;
}

/// GPUs (tasks without GPUs) in the same spot, and how far each candidate is from it.
struct Users {
    Spot spot;
    std::vector<std::pair<std::size_t, std::size_t>> ends;  ///< task, position in its nics
    std::vector<NicDistance> distance;
};

std::vector<Users> users_of(const Node& node, const std::vector<int>& nics,
                            std::vector<Task>& tasks) {
    std::map<Spot, std::size_t> index;
    std::vector<Users> all;
    std::vector<Spot> nic_spots;
    for (const int nic : nics)
        nic_spots.push_back(spot_of_device(node, node.nics[static_cast<std::size_t>(nic)]));
    const auto add = [&](const Spot& spot, std::size_t task) {
        const auto [found, is_new] = index.emplace(spot, all.size());
        if (is_new) {
            all.push_back({spot, {}, {}});
            for (const Spot& nic : nic_spots)
                all.back().distance.push_back(distance_between(spot, nic));
        }
        all[found->second].ends.emplace_back(task, tasks[task].nics.size());
        tasks[task].nics.emplace_back();
    };
    for (std::size_t task = 0; task < tasks.size(); ++task) {
        if (tasks[task].gpus.empty()) add(spot_of_cores(node, tasks[task].cpus), task);
        for (const int gpu : tasks[task].gpus)
            add(spot_of_device(node, node.gpus.at(static_cast<std::size_t>(gpu))), task);
    }
    return all;
}

Pools pools_of(const std::vector<Users>& all, std::size_t nics) {
    std::vector<std::vector<Price>> prices;
    for (const Users& users : all) {
        const NicDistance least = *std::min_element(users.distance.begin(), users.distance.end());
        prices.emplace_back();
        for (const NicDistance distance : users.distance)
            prices.back().push_back(distance == least ? 0 : never);
    }
    return Pools(prices, std::vector<Capacity>(nics));
}

}  // namespace

void deal_nics(const Node& node, std::vector<Task>& tasks) {
    const std::vector<int> nics = candidates(node);
    if (nics.empty()) return;
    const std::vector<Users> all = users_of(node, nics, tasks);
    Pools pools = pools_of(all, nics.size());
    // As many as possible with one user per adapter, then with two, and so on: no adapter has two
    // more than another that one of its users could take.
    std::vector<int> waiting;
    for (const Users& users : all) waiting.push_back(static_cast<int>(users.ends.size()));
    for (int level = 1; std::any_of(waiting.begin(), waiting.end(), [](int w) { return w > 0; });
         ++level) {
        pools.set_capacity(std::vector<Capacity>(nics.size(), {level, 0}));
        for (std::size_t i = 0; i < all.size(); ++i)
            while (waiting[i] > 0 && pools.give(static_cast<int>(i))) --waiting[i];
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto next = all[i].ends.begin();
        for (std::size_t nic = 0; nic < nics.size(); ++nic)
            for (int user = pools.held(static_cast<int>(i), static_cast<int>(nic)); user > 0;
                 --user, ++next)
                tasks[next->first].nics[next->second] = {nics[nic], all[i].distance[nic]};
    }
}

}  // namespace warpstep::placement
