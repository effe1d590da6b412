// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/blocks.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/placement/ground.hpp"

using namespace warpstep::placement;
using warpstep::testing::ground_with;
using warpstep::testing::places;

namespace {

constexpr Price far = far_away + 20;

std::vector<Composition> sorted(std::vector<Composition> blocks) {
    std::sort(blocks.rbegin(), blocks.rend());
    return blocks;
}

}  // namespace

TEST_CASE("placement: blocks keep to one locality where the near tasks stay as many") {
    const Ground ground =
        ground_with({1, 2, 1}, {2, 2, 2}, {{0, far, far}, {far, 0, far}, {far, far, 0}});
    CHECK(sorted(compose(ground, places({2, 2, 2}), {2, 2, 0, 1, true})) ==
          std::vector<Composition>{{1, 0, 1}, {0, 2, 0}});
}

TEST_CASE("placement: localities are mixed when that brings more tasks near") {
    // Cores are allowed by the first locality only; one GPU of it is enough for a task.
    const Ground ground = ground_with({2, 2}, {4, 1}, {{0, far}, {far, far}});
    CHECK(compose(ground, places({4, 1}), {2, 2, 0, 1, true}) ==
          std::vector<Composition>{{1, 1}, {1, 1}});
    // Where the cores are does not count when they are given in order.
    CHECK(compose(ground, places({4, 1}), {2, 2, 0, 1, false}) ==
          std::vector<Composition>{{2, 0}, {0, 2}});
    // With two cores for each task, too.
    CHECK(compose(ground, places({4, 1}), {2, 2, 0, 2, true}) ==
          std::vector<Composition>{{1, 1}, {1, 1}});
}

TEST_CASE("placement: GPUs left idle are those without allowed cores, and tasks spread out") {
    const Ground some = ground_with({2, 2, 2}, {3, 3}, {{far, far}, {0, far}, {far, 0}});
    CHECK(sorted(compose(some, places({3, 3}), {2, 2, 0, 1, true})) ==
          std::vector<Composition>{{0, 2, 0}, {0, 0, 2}});
    const Ground equal = ground_with({4, 4}, {8, 8}, {{0, far}, {far, 0}});
    CHECK(sorted(compose(equal, places({8, 8}), {2, 2, 0, 1, true})) ==
          std::vector<Composition>{{2, 0}, {0, 2}});
}

TEST_CASE("placement: the larger blocks go where they save a boundary") {
    const Ground ground = ground_with({3, 4}, {4, 4}, {{0, far}, {far, 0}});
    CHECK(sorted(compose(ground, places({4, 4}), {2, 3, 1, 1, true})) ==
          std::vector<Composition>{{3, 0}, {0, 4}});
}

TEST_CASE("placement: sixteen GPUs in localities of their own are near wherever they can be") {
    std::vector<Wish> wishes(16, Wish{far, far});
    wishes[14][0] = wishes[15][1] = 0;
    const Ground ground = ground_with(std::vector<int>(16, 1), {4, 4}, wishes);
    const auto blocks = compose(ground, places({4, 4}), {8, 2, 0, 1, true});
    REQUIRE(blocks.size() == 8);
    const auto near = std::count_if(blocks.begin(), blocks.end(), [](const Composition& block) {
        return block[14] + block[15] == 1;
    });
    CHECK(near == 2);
}
