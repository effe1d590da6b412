// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "runtime/placement/inspect_facts.hpp"

using warpstep::placement::inspection::Cost;
using warpstep::placement::inspection::Flow;
using warpstep::placement::inspection::least_assignment;

namespace {

Cost by_trying_all(const std::vector<std::vector<Cost>>& cost) {
    std::vector<std::size_t> order(cost[0].size());
    std::iota(order.begin(), order.end(), 0);
    Cost best = 1 << 30;
    do {
        Cost total = 0;
        for (std::size_t row = 0; row < cost.size(); ++row) total += cost[row][order[row]];
        best = std::min(best, total);
    } while (std::next_permutation(order.begin(), order.end()));
    return best;
}

}  // namespace

TEST_CASE("placement: the least assignment is that of all permutations") {
    unsigned state = 1;
    for (int round = 0; round < 200; ++round) {
        std::vector<std::vector<Cost>> cost(
            1 + round % 5, std::vector<Cost>(5 + static_cast<std::size_t>(round % 2)));
        for (auto& row : cost)
            for (Cost& price : row) {
                state = state * 1664525U + 1013904223U;
                price = (state >> 16) % 20;
            }
        CHECK(least_assignment(cost) == by_trying_all(cost));
    }
    CHECK(least_assignment({}) == 0);
}

TEST_CASE("placement: a flow finds its way around a wrong first choice") {
    // 0 -> {1, 2} -> {3, 4} -> 5; 1 may go to 3 and 4, 2 to 3 only.
    Flow flow(6);
    for (const int node : {1, 2}) flow.connect(0, node, 1);
    for (const int node : {3, 4}) flow.connect(node, 5, 1);
    flow.connect(1, 3, 1);
    flow.connect(1, 4, 1);
    flow.connect(2, 3, 1);
    CHECK(flow.run(0, 5) == 2);
}
