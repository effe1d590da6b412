// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/wishes.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

namespace warpstep::placement {

namespace {

using topology::CpuSet;
using topology::Node;

/// Where a locality is: the NUMA nodes and packages that it touches.
struct Place {
    std::set<int> numa, packages;
    std::vector<std::size_t> rows;  ///< its nodes as indices into numa_nodes
};

Place place_of(const Node& node, const CpuSet& near) {
    Place place;
    for (const topology::Core& core : node.cores) {
        if (!core.cpus.intersects(near)) continue;
        place.numa.insert(core.numa);
        place.packages.insert(core.package);
    }
    for (std::size_t i = 0; i < node.numa_nodes.size(); ++i)
        if (node.numa_nodes[i].cpus.intersects(near)) place.rows.push_back(i);
    return place;
}

int distance_of(const Node& node, const AllowedCore& core, const Place& place) {
    constexpr int same_numa = 10, same_package = 20, elsewhere = 30;
    int least = std::numeric_limits<int>::max();
    for (std::size_t to = 0; to < node.numa_nodes.size(); ++to)
        if (node.numa_nodes[to].os_index == core.numa && !node.numa_distances.empty())
            for (const std::size_t from : place.rows)
                least = std::min(least, node.numa_distances.at(from).at(to));
    if (least < std::numeric_limits<int>::max()) return least;
    if (core.numa >= 0 && place.numa.count(core.numa)) return same_numa;
    return place.packages.count(core.package) ? same_package : elsewhere;
}

std::vector<Locality> localities_of(const Node& node, const std::vector<AllowedCore>& cores,
                                    const std::vector<int>& gpus) {
    std::vector<Locality> localities;
    for (const int gpu : gpus) {
        const CpuSet near = near_any(node, {gpu});
        auto found = std::find_if(localities.begin(), localities.end(),
                                  [&](const Locality& l) { return l.near == near; });
        if (found == localities.end()) {
            const auto count =
                std::count_if(cores.begin(), cores.end(),
                              [&](const AllowedCore& core) { return near.contains(core.cpus); });
            const Place place = place_of(node, near);
            const int package = place.packages.empty() ? -1 : *place.packages.begin();
            found = localities.insert(found, {near, {}, package, static_cast<int>(count)});
        }
        found->gpus.push_back(gpu);
    }
    return localities;
}

}  // namespace

Wish Ground::wish_of(const std::vector<int>& of) const {
    Wish wish(pools.size(), of.empty() ? 0 : never);
    for (const int locality : of)
        for (std::size_t pool = 0; pool < pools.size(); ++pool)
            wish[pool] = std::min(wish[pool], wishes[static_cast<std::size_t>(locality)][pool]);
    return wish;
}

Ground ground_of(const Node& node, const std::vector<AllowedCore>& cores,
                 const std::vector<int>& gpus) {
    Ground ground;
    ground.localities = localities_of(node, cores, gpus);
    std::vector<Place> places;
    for (const Locality& locality : ground.localities)
        places.push_back(place_of(node, locality.near));
    std::map<Wish, std::size_t> pool_of;
    ground.wishes.resize(places.size());
    for (const AllowedCore& core : cores) {
        Wish column;
        for (std::size_t i = 0; i < places.size(); ++i)
            column.push_back(ground.localities[i].near.contains(core.cpus)
                                 ? 0
                                 : far_away + distance_of(node, core, places[i]));
        const auto [found, is_new] = pool_of.emplace(column, ground.pools.size());
        if (is_new) {
            ground.pools.emplace_back();
            for (std::size_t i = 0; i < places.size(); ++i) ground.wishes[i].push_back(column[i]);
        }
        ground.pools[found->second].push_back(core);
    }
    return ground;
}

Ground open_ground(const std::vector<AllowedCore>& cores) {
    return {{}, {cores}, {}};
}

Grain grain_for(int tasks, const std::vector<AllowedCore>& cores) {
    if (tasks <= static_cast<int>(cores.size())) return Grain::cores;
    return tasks <= pus_in(cores) ? Grain::pus : Grain::round_robin;
}

std::vector<Capacity> capacities(const std::vector<std::vector<AllowedCore>>& pools, Grain grain,
                                 int tasks) {
    int all_pus = 0;
    for (const auto& pool : pools) all_pus += pus_in(pool);
    std::vector<Capacity> result;
    for (const auto& pool : pools) {
        const int cores = static_cast<int>(pool.size()), pus = pus_in(pool);
        if (grain == Grain::cores) result.push_back({cores, 0});
        if (grain == Grain::pus) result.push_back({cores, pus - cores});
        if (grain == Grain::round_robin) result.push_back({tasks / all_pus * pus, pus});
    }
    return result;
}

}  // namespace warpstep::placement
