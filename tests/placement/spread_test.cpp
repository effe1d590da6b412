// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/spread.hpp"

#include <doctest/doctest.h>

#include "tests/placement/ground.hpp"

using namespace warpstep::placement;
using warpstep::testing::ground_with;
using warpstep::testing::places;
using Taken = std::vector<int>;

namespace {

constexpr Price nearer = far_away + 12, far = far_away + 30;

}  // namespace

TEST_CASE("placement: tasks with a choice go where most cores are left for each") {
    const Ground ground = ground_with({4, 4}, {4, 8}, {{0, far}, {far, 0}});
    CHECK(spread(ground, places({4, 8}), {0, 3, 1}) == Taken{1, 2});
    CHECK(spread(ground, places({4, 8}), {0, 8, 1}) == Taken{4, 4});
}

TEST_CASE("placement: a second task comes to GPUs whose near cores are not used up") {
    const Ground ground = ground_with({2, 2}, {2, 6}, {{0, far}, {far, 0}});
    CHECK(spread(ground, places({2, 6}), {1, 1, 1}) == Taken{0, 1});
    // Three cores each: the second locality serves two tasks, the first none.
    CHECK(spread(ground, places({2, 6}), {0, 2, 3}) == Taken{0, 2});
}

TEST_CASE("placement: of GPUs without near cores those that are less far away are taken") {
    const Ground ground = ground_with({1, 1}, {4}, {{far}, {nearer}});
    CHECK(spread(ground, places({4}), {0, 1, 1}) == Taken{0, 1});
}
