// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/wishes.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace warpstep::placement {

namespace {

using topology::CpuSet;
using topology::Node;

/// The CPUs near a task's GPUs, and the NUMA nodes and packages these CPUs belong to.
struct Neighbourhood {
    CpuSet near;
    std::set<int> numa, packages;
};

Neighbourhood neighbourhood_of(const Node& node, const CpuSet& near) {
    Neighbourhood result{near, {}, {}};
    for (const topology::Core& core : node.cores) {
        if (!core.cpus.intersects(near)) continue;
        result.numa.insert(core.numa);
        result.packages.insert(core.package);
    }
    return result;
}

Reach distance_of(const AllowedCore& core, const Neighbourhood& neighbourhood) {
    if (neighbourhood.near.contains(core.cpus)) return Reach::near;
    if (core.numa >= 0 && neighbourhood.numa.count(core.numa)) return Reach::numa;
    return neighbourhood.packages.count(core.package) ? Reach::package : Reach::anywhere;
}

/// The distinct neighbourhoods, and each task's index into them.
std::vector<Neighbourhood> neighbourhoods(const Node& node,
                                          const std::vector<std::vector<int>>& gpus, bool near_gpu,
                                          std::vector<int>& index_of_task) {
    std::vector<Neighbourhood> distinct;
    for (const auto& of_task : gpus) {
        const CpuSet near = near_gpu && !of_task.empty() ? near_any(node, of_task) : node.cpus;
        const auto found = std::find_if(distinct.begin(), distinct.end(),
                                        [&](const Neighbourhood& n) { return n.near == near; });
        index_of_task.push_back(static_cast<int>(found - distinct.begin()));
        if (found == distinct.end()) distinct.push_back(neighbourhood_of(node, near));
    }
    return distinct;
}

}  // namespace

Wishes wishes_of(const Node& node, const std::vector<AllowedCore>& cores,
                 const std::vector<std::vector<int>>& gpus, bool near_gpu) {
    Wishes wishes;
    const auto distinct = neighbourhoods(node, gpus, near_gpu, wishes.locality);
    std::map<std::vector<Reach>, std::size_t> pool_of;
    std::vector<std::vector<Reach>> profiles;
    for (const AllowedCore& core : cores) {
        std::vector<Reach> profile;
        for (const Neighbourhood& neighbourhood : distinct)
            profile.push_back(distance_of(core, neighbourhood));
        const auto [found, is_new] = pool_of.emplace(profile, wishes.pools.size());
        if (is_new) {
            wishes.pools.emplace_back();
            profiles.push_back(profile);
        }
        wishes.pools[found->second].push_back(core);
    }
    for (const int locality : wishes.locality) {
        wishes.distance.emplace_back();
        for (const auto& profile : profiles)
            wishes.distance.back().push_back(profile[static_cast<std::size_t>(locality)]);
    }
    return wishes;
}

}  // namespace warpstep::placement
