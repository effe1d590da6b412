// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/pools.hpp"

#include <algorithm>
#include <numeric>

namespace warpstep::placement {

/// How a place reaches each pool: who moves in, and from which pool (-1: the taker itself).
struct Pools::Path {
    struct Step {
        Price price = never;
        int mover = -1, from = -1;
    };
    std::vector<Step> to;
    int end = -1;  ///< the pool with room that is reached most cheaply; -1: none
    Price price = never;
};

Pools::Pools(std::vector<std::vector<Price>> price, std::vector<Capacity> capacity)
    : price_(std::move(price)),
      capacity_(std::move(capacity)),
      held_(price_.size(), std::vector<int>(capacity_.size())),
      used_(capacity_.size()),
      order_(capacity_.size()) {
    std::vector<int> wanted(capacity_.size());
    for (const auto& row : price_)
        for (std::size_t pool = 0; pool < row.size(); ++pool) wanted[pool] += row[pool] == 0;
    std::iota(order_.begin(), order_.end(), 0);
    std::stable_sort(order_.begin(), order_.end(),
                     [&](int a, int b) { return wanted[at(a)] < wanted[at(b)]; });
}

void Pools::limit(int group, Price most) {
    for (Price& price : price_[at(group)])
        if (price > most) price = never;
}

void Pools::put(int group, int pool, int places) {
    held_[at(group)][at(pool)] += places;
    used_[at(pool)] += places;
}

int Pools::held(int group) const {
    return std::accumulate(held_[at(group)].begin(), held_[at(group)].end(), 0);
}

Price Pools::price_of_entering(int pool) const {
    const Capacity& capacity = capacity_[at(pool)];
    if (used_[at(pool)] < capacity.first) return 0;
    return used_[at(pool)] < capacity.first + capacity.further ? crowded : never;
}

Pools::Path Pools::shortest_path(int group) const {
    Path path{std::vector<Path::Step>(capacity_.size()), -1, never};
    for (int pool = 0; pool < pools(); ++pool)
        if (price(group, pool) < never) path.to[at(pool)] = {price(group, pool), group, -1};
    for (bool improved = true; improved;) {
        improved = false;
        for (int mover = 0; mover < groups(); ++mover)
            for (int from = 0; from < pools(); ++from) {
                if (held(mover, from) == 0 || path.to[at(from)].price >= never) continue;
                const Price so_far = path.to[at(from)].price - price(mover, from);
                for (const int pool : order_) {
                    if (price(mover, pool) >= never) continue;
                    if (so_far + price(mover, pool) >= path.to[at(pool)].price) continue;
                    path.to[at(pool)] = {so_far + price(mover, pool), mover, from};
                    improved = true;
                }
            }
    }
    for (const int pool : order_) {
        const Price entering = price_of_entering(pool);
        if (entering >= never || path.to[at(pool)].price >= never) continue;
        if (path.to[at(pool)].price + entering >= path.price) continue;
        path.price = path.to[at(pool)].price + entering;
        path.end = pool;
    }
    return path;
}

std::optional<Price> Pools::price_of_next(int group) const {
    const Path path = shortest_path(group);
    return path.end < 0 ? std::nullopt : std::optional(path.price);
}

bool Pools::give(int group) {
    const Path path = shortest_path(group);
    if (path.end < 0) return false;
    ++used_[at(path.end)];
    for (int pool = path.end; pool >= 0; pool = path.to[at(pool)].from) {
        const Path::Step& step = path.to[at(pool)];
        ++held_[at(step.mover)][at(pool)];
        if (step.from >= 0) --held_[at(step.mover)][at(step.from)];
    }
    return true;
}

bool Pools::give(int group, int places) {
    const auto held_before = held_;
    const auto used_before = used_;
    for (int place = 0; place < places; ++place)
        if (!give(group)) {
            held_ = held_before;
            used_ = used_before;
            return false;
        }
    return true;
}

}  // namespace warpstep::placement
