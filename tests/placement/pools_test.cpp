// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/pools.hpp"

#include <doctest/doctest.h>

using warpstep::placement::Pools;
using warpstep::placement::Reach;

namespace {

constexpr Reach near = Reach::near, far = Reach::anywhere;

}  // namespace

TEST_CASE("placement: a task moves over to make room for one that has no choice") {
    // Tasks 0 and 1 can do with two pools, task 2 only with the first; each pool has one place.
    Pools pools({{near, near, far}, {far, near, near}, {near, far, far}}, {1, 1, 1});
    CHECK(pools.give(0));
    CHECK(pools.give(1));
    CHECK(pools.give(2));
    CHECK(pools.held(2, 0) == 1);
    CHECK(pools.held(0, 1) == 1);
    CHECK(pools.held(1, 2) == 1);
}

TEST_CASE("placement: nobody moves out of reach, and a refusal changes nothing") {
    Pools pools({{near, far}, {near, far}}, {1, 5});
    CHECK(pools.give(0));
    CHECK_FALSE(pools.give(1));
    CHECK(pools.held(0, 0) == 1);
    CHECK(pools.held(1) == 0);
    pools.set_reach(1, far);
    CHECK(pools.give(1));
    CHECK(pools.held(1, 1) == 1);
    CHECK(pools.held(0, 0) == 1);
}

TEST_CASE("placement: what a task gives back can be given again") {
    Pools pools({{near}, {near}}, {2});
    CHECK(pools.give(0));
    CHECK(pools.give(0));
    CHECK_FALSE(pools.give(1));
    pools.take_all(0);
    CHECK(pools.held(0) == 0);
    CHECK(pools.give(1));
}

TEST_CASE("placement: the pool that fewest tasks want is used first") {
    Pools pools({{near, near}, {near, far}}, {1, 1});
    CHECK(pools.give(0));
    CHECK(pools.held(0, 1) == 1);
}
