// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/groups.hpp"

#include <algorithm>
#include <map>
#include <numeric>

namespace warpstep::placement {

namespace {

struct Parties {
    std::vector<Party> parties;
    std::vector<std::vector<int>> tasks;  ///< per party
};

Parties parties_of(const std::vector<Wish>& wishes) {
    Parties result;
    std::map<Wish, std::size_t> index;
    for (std::size_t task = 0; task < wishes.size(); ++task) {
        const auto [found, is_new] = index.emplace(wishes[task], result.parties.size());
        if (is_new) {
            result.parties.push_back({wishes[task], 0});
            result.tasks.emplace_back();
        }
        ++result.parties[found->second].tasks;
        result.tasks[found->second].push_back(static_cast<int>(task));
    }
    return result;
}

/// Joins the pools that no party tells apart.
std::vector<std::vector<AllowedCore>> merge_pools(const Ground& ground,
                                                  std::vector<Party>& parties) {
    std::map<Wish, std::size_t> pool_of;
    std::vector<std::vector<AllowedCore>> pools;
    std::vector<Wish> merged(parties.size());
    for (std::size_t pool = 0; pool < ground.pools.size(); ++pool) {
        Wish column;
        for (const Party& party : parties) column.push_back(party.wish[pool]);
        const auto [found, is_new] = pool_of.emplace(column, pools.size());
        if (is_new) {
            pools.emplace_back();
            for (std::size_t i = 0; i < parties.size(); ++i) merged[i].push_back(column[i]);
        }
        auto& cores = pools[found->second];
        cores.insert(cores.end(), ground.pools[pool].begin(), ground.pools[pool].end());
    }
    for (std::size_t i = 0; i < parties.size(); ++i) parties[i].wish = merged[i];
    for (auto& cores : pools) std::sort(cores.begin(), cores.end(), comes_before);
    return pools;
}

std::vector<Wish> wishes_of(const std::vector<Party>& parties) {
    std::vector<Wish> wishes;
    for (const Party& party : parties) wishes.push_back(party.wish);
    return wishes;
}

/// A group, the places it may take, and what it has from the start.
struct Taker {
    Group group;
    Wish wish;
    Price reach = never;
};

/// One place each. The members of a party whose places are equally near form a taker; the nearest
/// places go to its first tasks.
std::vector<Taker> take_one_each(const Parties& all, const std::vector<Capacity>& capacity) {
    Pools pools(wishes_of(all.parties), capacity);
    for (int party = 0; party < pools.groups(); ++party)
        for (int i = 0; i < all.parties[static_cast<std::size_t>(party)].tasks; ++i)
            pools.give(party);
    std::vector<Taker> takers;
    for (int party = 0; party < pools.groups(); ++party) {
        const auto index = static_cast<std::size_t>(party);
        std::map<Price, std::vector<int>> by_price;
        for (int pool = 0; pool < pools.pools(); ++pool) {
            if (pools.held(party, pool) == 0) continue;
            auto& held = by_price[pools.price(party, pool)];
            held.resize(capacity.size());
            held[static_cast<std::size_t>(pool)] = pools.held(party, pool);
        }
        auto next = all.tasks[index].begin();
        for (const auto& [price, held] : by_price) {
            const auto end = next + std::accumulate(held.begin(), held.end(), 0);
            takers.push_back({{party, {next, end}, held, true}, all.parties[index].wish, price});
            next = end;
        }
    }
    return takers;
}

/// Within reach only, so nobody's cores end up farther away than its first place.
Pools pools_of(const std::vector<Taker>& takers, const std::vector<Capacity>& capacity) {
    std::vector<Wish> wishes;
    for (const Taker& taker : takers) wishes.push_back(taker.wish);
    Pools pools(wishes, capacity);
    for (int i = 0; i < pools.groups(); ++i) {
        const Taker& taker = takers[static_cast<std::size_t>(i)];
        pools.limit(i, taker.reach);
        for (int pool = 0; pool < pools.pools(); ++pool)
            pools.put(i, pool, taker.group.held[static_cast<std::size_t>(pool)]);
    }
    return pools;
}

void give_the_rest(Pools& pools, const std::vector<Taker>& takers) {
    std::vector<bool> stuck(takers.size());
    const auto poorest_of = [&](std::size_t i) {
        return pools.held(static_cast<int>(i)) / static_cast<int>(takers[i].group.tasks.size());
    };
    for (;;) {
        std::map<int, int> fewest;
        for (std::size_t i = 0; i < takers.size(); ++i) {
            const auto found = fewest.emplace(takers[i].group.party, poorest_of(i)).first;
            found->second = std::min(found->second, poorest_of(i));
        }
        std::optional<std::size_t> next;
        for (std::size_t i = 0; i < takers.size(); ++i)
            if (!stuck[i] && poorest_of(i) == fewest.at(takers[i].group.party) &&
                (!next || poorest_of(i) < poorest_of(*next)))
                next = i;
        if (!next) return;
        if (!pools.give(static_cast<int>(*next))) stuck[*next] = true;
    }
}

/// Those served wholly near, and the others of each party.
std::vector<Taker> take_exactly(const Parties& all, const std::vector<Capacity>& capacity,
                                int cores) {
    const std::vector<int> served = wholly_near(all.parties, capacity, cores);
    std::vector<Taker> takers;
    for (const bool near : {true, false})
        for (std::size_t i = 0; i < all.parties.size(); ++i) {
            const auto middle = all.tasks[i].begin() + served[i];
            std::vector<int> tasks(near ? all.tasks[i].begin() : middle,
                                   near ? middle : all.tasks[i].end());
            if (tasks.empty()) continue;
            takers.push_back({{static_cast<int>(i), tasks, std::vector<int>(capacity.size()), true},
                              all.parties[i].wish,
                              near ? 0 : never});
        }
    return takers;
}

bool is_indifferent(const Pools& pools, int group) {
    std::optional<Price> price;
    for (int pool = 0; pool < pools.pools(); ++pool) {
        if (pools.held(group, pool) == 0) continue;
        if (price && *price != pools.price(group, pool)) return false;
        price = pools.price(group, pool);
    }
    return true;
}

}  // namespace

Share share_cores(const Ground& ground, const std::vector<Wish>& wishes, Grain grain,
                  std::optional<int> cores_per_task) {
    Parties all = parties_of(wishes);
    Share share;
    share.pools = merge_pools(ground, all.parties);
    const auto capacity = capacities(share.pools, grain, static_cast<int>(wishes.size()));
    const bool several = cores_per_task.value_or(1) > 1;
    const std::vector<Taker> takers =
        several ? take_exactly(all, capacity, *cores_per_task) : take_one_each(all, capacity);
    Pools pools = pools_of(takers, capacity);
    if (several)
        for (int i = 0; i < pools.groups(); ++i)
            pools.give(
                i, *cores_per_task *
                       static_cast<int>(takers[static_cast<std::size_t>(i)].group.tasks.size()));
    else if (grain == Grain::cores && !cores_per_task)
        give_the_rest(pools, takers);
    for (int i = 0; i < pools.groups(); ++i) {
        share.groups.push_back(takers[static_cast<std::size_t>(i)].group);
        share.groups.back().indifferent = is_indifferent(pools, i);
        for (int pool = 0; pool < pools.pools(); ++pool)
            share.groups.back().held[static_cast<std::size_t>(pool)] = pools.held(i, pool);
    }
    std::sort(share.groups.begin(), share.groups.end(),
              [](const Group& a, const Group& b) { return a.tasks.front() < b.tasks.front(); });
    return share;
}

}  // namespace warpstep::placement
