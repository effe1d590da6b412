// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/deal_cores.hpp"

#include <algorithm>
#include <numeric>

#include "runtime/placement/groups.hpp"
#include "runtime/placement/layout.hpp"

namespace warpstep::placement {

namespace {

using topology::CpuSet;

Wish wish_of(const Ground& ground, const std::vector<int>& gpus) {
    std::vector<int> localities;
    for (std::size_t i = 0; i < ground.localities.size(); ++i) {
        const auto& there = ground.localities[i].gpus;
        if (std::any_of(gpus.begin(), gpus.end(), [&](int gpu) {
                return std::find(there.begin(), there.end(), gpu) != there.end();
            }))
            localities.push_back(static_cast<int>(i));
    }
    return ground.wish_of(localities);
}

/// The cores of one pool that are offered to each group: all of them to a sole holder that may
/// choose, else stretches in the order of the groups.
std::vector<std::vector<AllowedCore>> offer(const Share& share) {
    std::vector<std::vector<AllowedCore>> offers(share.groups.size());
    for (std::size_t pool = 0; pool < share.pools.size(); ++pool) {
        const auto holders =
            std::count_if(share.groups.begin(), share.groups.end(),
                          [&](const Group& group) { return group.held[pool] > 0; });
        auto next = share.pools[pool].begin();
        for (std::size_t i = 0; i < share.groups.size(); ++i) {
            const Group& group = share.groups[i];
            if (group.held[pool] == 0) continue;
            const bool divides_evenly = std::accumulate(group.held.begin(), group.held.end(), 0) %
                                            static_cast<int>(group.tasks.size()) ==
                                        0;
            const bool may_choose = holders == 1 && group.indifferent && divides_evenly;
            const auto end = may_choose ? share.pools[pool].end() : next + group.held[pool];
            offers[i].insert(offers[i].end(), next, end);
            next = end;
        }
    }
    for (auto& cores : offers) std::sort(cores.begin(), cores.end(), comes_before);
    return offers;
}

void lay_out_whole_cores(const Share& share, std::vector<CpuSet>& result) {
    const auto offers = offer(share);
    for (std::size_t i = 0; i < share.groups.size(); ++i) {
        const Group& group = share.groups[i];
        const auto sets =
            lay_out_cores(offers[i], std::accumulate(group.held.begin(), group.held.end(), 0),
                          static_cast<int>(group.tasks.size()));
        for (std::size_t member = 0; member < group.tasks.size(); ++member)
            result[static_cast<std::size_t>(group.tasks[member])] = sets.at(member);
    }
}

/// One place for each task.
void lay_out_places(const Share& share, Grain grain, std::vector<CpuSet>& result) {
    std::vector<std::vector<int>> tasks_in(share.pools.size());
    for (const Group& group : share.groups) {
        auto next = group.tasks.begin();
        for (std::size_t pool = 0; pool < share.pools.size(); ++pool) {
            tasks_in[pool].insert(tasks_in[pool].end(), next, next + group.held[pool]);
            next += group.held[pool];
        }
    }
    for (std::size_t pool = 0; pool < share.pools.size(); ++pool) {
        std::sort(tasks_in[pool].begin(), tasks_in[pool].end());
        const int holders = static_cast<int>(tasks_in[pool].size());
        const auto sets = grain == Grain::pus ? lay_out_pus(share.pools[pool], holders)
                                              : lay_out_round_robin(share.pools[pool], holders);
        for (std::size_t i = 0; i < sets.size(); ++i)
            result[static_cast<std::size_t>(tasks_in[pool][i])] = sets[i];
    }
}

}  // namespace

std::vector<CpuSet> deal_cores(const std::vector<AllowedCore>& cores, const Ground& ground,
                               const std::vector<std::vector<int>>& gpus, const Request& request) {
    const Grain grain = grain_for(request.tasks, cores);
    const Ground anywhere = open_ground(cores);
    std::vector<Wish> wishes;
    for (const auto& of_task : gpus)
        wishes.push_back(request.near_gpu ? wish_of(ground, of_task) : anywhere.wish_of({}));
    const Share share =
        share_cores(request.near_gpu ? ground : anywhere, wishes, grain, request.cpus_per_task);
    std::vector<CpuSet> result(gpus.size());
    if (grain == Grain::cores)
        lay_out_whole_cores(share, result);
    else
        lay_out_places(share, grain, result);
    return result;
}

}  // namespace warpstep::placement
