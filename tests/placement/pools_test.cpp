// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/pools.hpp"

#include <doctest/doctest.h>

using warpstep::placement::Capacity;
using warpstep::placement::crowded;
using warpstep::placement::far_away;
using warpstep::placement::never;
using warpstep::placement::Pools;
using warpstep::placement::Price;

namespace {

std::vector<Capacity> places(std::initializer_list<int> counts) {
    std::vector<Capacity> capacity;
    for (const int count : counts) capacity.push_back({count, 0});
    return capacity;
}

}  // namespace

TEST_CASE("placement: a group moves over to make room for one that has no choice") {
    // Groups 0 and 1 can do with two pools, group 2 only with the first; each pool has one place.
    Pools pools({{0, 0, never}, {never, 0, 0}, {0, never, never}}, places({1, 1, 1}));
    CHECK(pools.give(0));
    CHECK(pools.give(1));
    CHECK(pools.give(2));
    CHECK(pools.held(2, 0) == 1);
    CHECK(pools.held(0, 1) == 1);
    CHECK(pools.held(1, 2) == 1);
}

TEST_CASE("placement: places are shared at the least total price, not the least for the first") {
    // The first group would like the first pool, too, but has the cheaper way out.
    Pools pools({{10, 12}, {10, 32}}, places({1, 1}));
    CHECK(pools.give(0));
    CHECK(pools.held(0, 0) == 1);
    CHECK(pools.price_of_next(1) == 12);
    CHECK(pools.give(1));
    CHECK(pools.held(1, 0) == 1);
    CHECK(pools.held(0, 1) == 1);
}

TEST_CASE("placement: one near place outweighs any distance") {
    // One near, one at 255, against two at 10.
    Pools pools({{0, far_away + 10, never}, {never, far_away + 10, far_away + 255}},
                places({1, 1, 1}));
    CHECK(pools.give(1));
    CHECK(pools.give(0));
    CHECK(pools.held(0, 0) == 1);
    CHECK(pools.held(1, 1) == 1);
}

TEST_CASE("placement: nobody moves out of reach, and a refusal changes nothing") {
    Pools pools({{0, 5}, {0, 5}}, places({1, 5}));
    pools.limit(0, 0);
    pools.limit(1, 0);
    CHECK(pools.give(0));
    CHECK_FALSE(pools.give(1));
    CHECK_FALSE(pools.price_of_next(1));
    CHECK(pools.held(0, 0) == 1);
    CHECK(pools.held(1) == 0);
}

TEST_CASE("placement: several places are given all or not at all") {
    Pools pools({{0}, {0}}, places({3}));
    CHECK(pools.give(0, 2));
    CHECK_FALSE(pools.give(1, 2));
    CHECK(pools.held(1) == 0);
    CHECK(pools.give(1, 1));
}

TEST_CASE("placement: further places of a pool wait until every first one is taken") {
    Pools pools({{0, far_away}}, {{1, 2}, {1, 2}});
    CHECK(pools.give(0, 2));
    CHECK(pools.held(0, 0) == 1);
    CHECK(pools.held(0, 1) == 1);
    CHECK(pools.price_of_next(0) == crowded);
    CHECK(pools.give(0));
    CHECK(pools.held(0, 0) == 2);
}

TEST_CASE("placement: the pool that fewest groups want is used first") {
    Pools pools({{0, 0}, {0, never}}, places({1, 1}));
    CHECK(pools.give(0));
    CHECK(pools.held(0, 1) == 1);
}
