// SPDX-License-Identifier: Apache-2.0
// Private to the room: handing out places at the least total price.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace warpstep::placement {

using Price = std::int64_t;
constexpr Price never = std::numeric_limits<Price>::max() / 4;
/// Dearer than every sum of distances: one place that is not near outweighs them all.
constexpr Price far_away = Price{1} << 24;
/// Dearer than every sum of far places.
constexpr Price crowded = Price{1} << 44;

/// Places of a pool. The further ones are taken only when every first one of all pools is.
struct Capacity {
    int first = 0, further = 0;
};

/// Places in pools, and how many of each every group of takers holds. Each place goes along a
/// shortest augmenting path: what a group holds may move to other pools to make room. So the places
/// held never cost more in total than any other way of giving as many to each group, and a group
/// goes without only if there is no way.
/// Source: Ahuja, Magnanti, Orlin, Network Flows, 1993, section 9.7 (successive shortest paths);
/// labels are corrected as in section 5.4, because moves back have negative prices.
class Pools {
  public:
    /// price[group][pool] of one place; `never` is out of reach.
    Pools(std::vector<std::vector<Price>> price, std::vector<Capacity> capacity);

    void set_capacity(std::vector<Capacity> capacity) { capacity_ = std::move(capacity); }
    /// Places dearer than `most` are out of the group's reach; it may hold none of them.
    void limit(int group, Price most);

    /// Books places as held, without looking for better ones.
    void put(int group, int pool, int places);

    /// What one more place for the group would add to the total; nothing when there is no way.
    std::optional<Price> price_of_next(int group) const;
    /// One more place for the group. False when there is no way; nothing changes then.
    bool give(int group);
    /// All of them or none.
    bool give(int group, int places);

    int groups() const { return static_cast<int>(price_.size()); }
    int pools() const { return static_cast<int>(capacity_.size()); }
    Price price(int group, int pool) const { return price_[at(group)][at(pool)]; }
    int held(int group, int pool) const { return held_[at(group)][at(pool)]; }
    int held(int group) const;

  private:
    static std::size_t at(int i) { return static_cast<std::size_t>(i); }
    struct Path;
    Path shortest_path(int group) const;
    Price price_of_entering(int pool) const;

    std::vector<std::vector<Price>> price_;
    std::vector<Capacity> capacity_;
    std::vector<std::vector<int>> held_;
    std::vector<int> used_;
    std::vector<int> order_;  ///< pools, the ones that fewest groups are near to first
};

}  // namespace warpstep::placement
