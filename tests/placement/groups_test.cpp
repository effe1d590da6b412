// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/groups.hpp"

#include <doctest/doctest.h>

#include <numeric>

#include "tests/placement/ground.hpp"

using namespace warpstep::placement;
using warpstep::testing::ground_with;
using Tasks = std::vector<int>;

namespace {

constexpr Price nearer = far_away + 12, far = far_away + 30;

int cores_of(const Group& group) {
    return std::accumulate(group.held.begin(), group.held.end(), 0);
}

}  // namespace

TEST_CASE("placement: tasks that wish for the same divide all near cores") {
    const Ground ground = ground_with({2, 1}, {5, 4}, {{0, far}, {far, 0}});
    const Share share = share_cores(ground, {ground.wishes[0], ground.wishes[0], ground.wishes[1]},
                                    Grain::cores, {});
    REQUIRE(share.groups.size() == 2);
    CHECK(share.groups[0].tasks == Tasks{0, 1});
    CHECK(cores_of(share.groups[0]) == 5);
    CHECK(cores_of(share.groups[1]) == 4);
}

TEST_CASE("placement: who must go away goes to the nearest, and takes more only from there") {
    const Ground ground = ground_with({3}, {1, 4, 4}, {{0, nearer, far}});
    const Share share =
        share_cores(ground, std::vector<Wish>(2, ground.wishes[0]), Grain::cores, {});
    REQUIRE(share.groups.size() == 2);
    CHECK(share.groups[0].tasks == Tasks{0});
    CHECK(cores_of(share.groups[0]) == 1);
    CHECK(share.groups[1].tasks == Tasks{1});
    CHECK(cores_of(share.groups[1]) == 2);  // one more than the other, not three
}

TEST_CASE("placement: with a number for each, those that can be wholly near come first") {
    const Ground ground = ground_with({2}, {3, 4}, {{0, nearer}});
    const Share share =
        share_cores(ground, std::vector<Wish>(2, ground.wishes[0]), Grain::cores, 2);
    REQUIRE(share.groups.size() == 2);
    CHECK(share.groups[0].indifferent);
    CHECK(share.groups[0].tasks == Tasks{0});
    CHECK(cores_of(share.groups[0]) == 2);
    CHECK(cores_of(share.groups[1]) == 2);
    CHECK_FALSE(share.groups[1].indifferent);  // one near core is left for it
}

TEST_CASE("placement: pools that no task tells apart are one") {
    const Ground ground = ground_with({1, 1}, {2, 2, 2}, {{0, far, far}, {far, 0, far}});
    const Share share = share_cores(ground, {ground.wishes[0]}, Grain::cores, {});
    REQUIRE(share.pools.size() == 2);
    CHECK(share.pools[1].size() == 4);
}
