// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/wholly_near.hpp"

#include <doctest/doctest.h>

#include <numeric>

#include "tests/placement/ground.hpp"

using namespace warpstep::placement;
using warpstep::testing::places;
using Served = std::vector<int>;

namespace {

constexpr Price far = far_away + 20;

int total(const Served& served) {
    return std::accumulate(served.begin(), served.end(), 0);
}

}  // namespace

TEST_CASE("placement: each near set serves as many tasks as fit") {
    CHECK(wholly_near({{{0, far}, 3}, {{far, 0}, 3}}, places({5, 7}), 2) == Served{2, 3});
    CHECK(wholly_near({{{far}, 2}}, places({4}), 2) == Served{0});
}

TEST_CASE("placement: tasks near an inner set leave the rest of the outer one to others") {
    // One task near two cores, two near these and three more.
    CHECK(total(wholly_near({{{0, 0}, 2}, {{0, far}, 1}}, places({2, 3}), 2)) == 2);
    CHECK(total(wholly_near({{{0, far}, 1}, {{0, 0}, 2}}, places({2, 4}), 2)) == 3);
}

TEST_CASE("placement: overlapping sets are tried in all combinations") {
    // Three pools of two cores; every task is near two of them: serving the first party twice would
    // leave nothing for the others.
    const std::vector<Party> ring{{{0, 0, far}, 2}, {{far, 0, 0}, 1}, {{0, far, 0}, 1}};
    CHECK(total(wholly_near(ring, places({2, 2, 2}), 2)) == 3);
    // The first would take all of what the two others need half of.
    const std::vector<Party> greedy{
        {{0, 0, far, far}, 1}, {{0, far, 0, far}, 1}, {{far, 0, far, 0}, 1}};
    CHECK(wholly_near(greedy, places({2, 2, 2, 2}), 4) == Served{0, 1, 1});
}
