// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/leaders.hpp"

#include <doctest/doctest.h>

#include "runtime/comm/rank_names.hpp"

using namespace warpstep;

TEST_CASE("cli: leaders are one rank per node, the node of rank 0 first") {
    step::Step step;
    step.rank = 1;
    step.size = 5;
    step.local_rank = 0;
    step.local_size = 3;
    step.node = 0;
    step.node_names = {"n1", "n2"};
    step.node_ranks = {{1, 3, 4}, {0, 2}};
    const step::Step leaders = cli::leaders_of(step);
    CHECK(leaders.size == 2);
    CHECK(leaders.rank == 1);
    CHECK(leaders.node_names == std::vector<std::string>{"n2", "n1"});
    CHECK(leaders.local_size == 1);
    CHECK(comm::show_ranks({0, 1}, leaders) == "ranks 0 on n2, 1 on n1");
    CHECK(comm::show_ranks({1}, leaders) == "rank 1 on n1");
}

TEST_CASE("cli: leaders are named by their ranks in the whole step") {
    step::Step step;
    step.size = 8;
    step.rank = 4;
    step.node = 1;
    step.node_names = {"n1", "n2"};
    step.node_ranks = {{0, 1, 2, 3}, {4, 5, 6, 7}};
    CHECK(comm::show_ranks({1}, cli::leaders_of(step)) == "rank 4 on n2");
}
