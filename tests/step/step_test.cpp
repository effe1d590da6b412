// SPDX-License-Identifier: Apache-2.0
#include "runtime/step/step.hpp"

#include <doctest/doctest.h>

#include "runtime/base/error.hpp"

using namespace warpstep;

namespace {

/// Ranks 0 and 2 on n1, 1 and 3 on n2; this is rank 3.
step::Step cyclic() {
    step::Step step;
    step.rank = 3;
    step.size = 4;
    step.local_rank = 1;
    step.local_size = 2;
    step.node = 1;
    step.node_names = {"n1", "n2"};
    step.node_ranks = {{0, 2}, {1, 3}};
    return step;
}

}  // namespace

TEST_CASE("step: a part keeps nodes and the numbers by which its ranks are known") {
    const step::Step part = step::part_of(cyclic(), {0, 2, 3});
    CHECK(part.size == 3);
    CHECK(part.rank == 2);
    CHECK(part.local_rank == 0);
    CHECK(part.local_size == 1);
    CHECK(part.node_names == std::vector<std::string>{"n1", "n2"});
    CHECK(part.node_ranks == std::vector<std::vector<int>>{{0, 1}, {2}});
    CHECK(part.known_as == std::vector<int>{0, 2, 3});
}

TEST_CASE("step: a part of a part keeps the first numbers, and drops nodes without ranks") {
    const step::Step part = step::part_of(step::part_of(cyclic(), {1, 2, 3}), {0, 2});
    CHECK(part.node_names == std::vector<std::string>{"n2"});
    CHECK(part.known_as == std::vector<int>{1, 3});
    CHECK(part.rank == 1);
    CHECK(part.local_size == 2);
}

TEST_CASE("step: a task that is not in the part has no rank in it") {
    CHECK(step::part_of(cyclic(), {0, 1}).rank == -1);
    CHECK_THROWS_AS(step::part_of(cyclic(), {0, 7}), LogicError);
}
