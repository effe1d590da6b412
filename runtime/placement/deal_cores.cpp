// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/deal_cores.hpp"

#include <algorithm>
#include <map>

#include "runtime/base/error.hpp"
#include "runtime/placement/layout.hpp"
#include "runtime/placement/wishes.hpp"

namespace warpstep::placement {

namespace {

using topology::CpuSet;

constexpr Reach all_reaches[] = {Reach::near, Reach::numa, Reach::package, Reach::anywhere};

/// A place for every task that has none, as far as the capacity goes: near ones first, for as many
/// as possible.
void give_one_each(Pools& pools) {
    for (const Reach reach : all_reaches)
        for (int task = 0; task < pools.tasks(); ++task) {
            if (pools.held(task) > 0) continue;
            pools.set_reach(task, reach);
            pools.give(task);
        }
}

/// What is left, always to the poorest task that can take more; within a locality nobody gets two
/// ahead.
void give_the_rest(Pools& pools, const std::vector<int>& locality) {
    std::vector<bool> stuck(locality.size());
    const auto index = [](int task) { return static_cast<std::size_t>(task); };
    for (;;) {
        std::map<int, int> fewest;
        for (int task = 0; task < pools.tasks(); ++task) {
            const int held = pools.held(task);
            const auto found = fewest.emplace(locality[index(task)], held).first;
            found->second = std::min(found->second, held);
        }
        int poorest = -1;
        for (int task = 0; task < pools.tasks(); ++task) {
            if (stuck[index(task)] || pools.held(task) > fewest.at(locality[index(task)])) continue;
            if (poorest < 0 || pools.held(task) < pools.held(poorest)) poorest = task;
        }
        if (poorest < 0) return;
        if (!pools.give(poorest)) stuck[index(poorest)] = true;
    }
}

/// Exactly `count` to each task: first to those that can have all of them near, then as near as
/// possible.
void give_exactly(Pools& pools, int count) {
    const auto top_up = [&](int task) {
        while (pools.held(task) < count && pools.give(task)) {
        }
    };
    for (int task = 0; task < pools.tasks(); ++task) {
        top_up(task);
        if (pools.held(task) < count) pools.take_all(task);
    }
    for (const Reach reach : all_reaches)
        for (int task = 0; task < pools.tasks(); ++task) {
            if (pools.held(task) == count) continue;
            pools.set_reach(task, reach);
            top_up(task);
        }
}

int pus_in(const std::vector<AllowedCore>& cores) {
    int count = 0;
    for (const AllowedCore& core : cores) count += core.cpus.size();
    return count;
}

/// Capacities to fill one after the other. The first leaves no core (round robin: no PU) without a
/// task before the second puts a further task on any.
std::vector<std::vector<int>> stages_of(const Wishes& wishes, Grain grain, int tasks, int all_pus) {
    std::vector<std::vector<int>> stages(2);
    for (const auto& pool : wishes.pools) {
        const int cores = static_cast<int>(pool.size()), pus = pus_in(pool);
        stages[0].push_back(grain == Grain::round_robin ? tasks / all_pus * pus : cores);
        stages[1].push_back(grain == Grain::round_robin ? (tasks / all_pus + 1) * pus : pus);
    }
    if (grain == Grain::cores) stages.pop_back();
    return stages;
}

/// Tasks of one locality that hold nothing elsewhere may exchange their counts.
bool are_alike(const Pools& pools, int pool, const std::vector<int>& holders,
               const std::vector<int>& locality) {
    return std::all_of(holders.begin(), holders.end(), [&](int task) {
        return pools.held(task) == pools.held(task, pool) &&
               locality[static_cast<std::size_t>(task)] ==
                   locality[static_cast<std::size_t>(holders.front())];
    });
}

std::vector<CpuSet> lay_out(const Wishes& wishes, const Pools& pools, Grain grain) {
    std::vector<CpuSet> result(static_cast<std::size_t>(pools.tasks()));
    for (int pool = 0; pool < pools.pools(); ++pool) {
        std::vector<int> holders, places;
        for (int task = 0; task < pools.tasks(); ++task) {
            if (pools.held(task, pool) == 0) continue;
            holders.push_back(task);
            places.push_back(pools.held(task, pool));
        }
        if (holders.empty()) continue;
        const auto& cores = wishes.pools[static_cast<std::size_t>(pool)];
        const int count = static_cast<int>(holders.size());
        const std::vector<CpuSet> sets =
            grain == Grain::cores
                ? lay_out_cores(cores, places, are_alike(pools, pool, holders, wishes.locality))
            : grain == Grain::pus ? lay_out_pus(cores, count)
                                  : lay_out_round_robin(cores, count);
        for (std::size_t i = 0; i < holders.size(); ++i) {
            CpuSet& cpus = result[static_cast<std::size_t>(holders[i])];
            cpus = cpus | sets.at(i);
        }
    }
    return result;
}

}  // namespace

Deal deal_cores(const topology::Node& node, const std::vector<AllowedCore>& cores,
                const std::vector<std::vector<int>>& gpus, const Request& request) {
    const int tasks = request.tasks, core_count = static_cast<int>(cores.size()),
              pus = pus_in(cores);
    const long needed = static_cast<long>(tasks) * request.cpus_per_task.value_or(0);
    if (needed > core_count)
        fail<ConfigError>(
            "{} tasks with {} cores each need {} cores ({} are allowed on this node); ask for more "
            "with "
            "--cpus-per-task or lower cpus_per_task",
            tasks, *request.cpus_per_task, needed, core_count);

    Deal deal;
    deal.grain = tasks <= core_count ? Grain::cores
                 : tasks <= pus      ? Grain::pus
                                     : Grain::round_robin;
    const Wishes wishes = wishes_of(node, cores, gpus, request.near_gpu);
    Pools pools(wishes.distance, std::vector<int>(wishes.pools.size()));
    for (const auto& capacity : stages_of(wishes, deal.grain, tasks, pus)) {
        pools.set_capacity(capacity);
        if (request.cpus_per_task)
            give_exactly(pools, *request.cpus_per_task);
        else
            give_one_each(pools);
    }
    if (deal.grain == Grain::cores && !request.cpus_per_task) give_the_rest(pools, wishes.locality);
    deal.cpus = lay_out(wishes, pools, deal.grain);
    return deal;
}

}  // namespace warpstep::placement
