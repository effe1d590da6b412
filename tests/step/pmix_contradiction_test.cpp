// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "runtime/step/pmix_facts.hpp"

using namespace warpstep;
using step::find_contradiction;
using step::PmixFacts;

namespace {

using Ranks = std::vector<std::vector<int>>;

PmixFacts facts_of(int rank, Ranks node_ranks) {
    PmixFacts facts;
    facts.rank = rank;
    facts.size = 6;
    facts.node_names = {"n1", "n2", "n3"};
    facts.node_ranks = std::move(node_ranks);
    return facts;
}

// Two ranks on n3, three on n1, one on n2: components on n3 and on n1,n2 in this order.
std::string host_of(int rank) {
    return rank < 2 ? "n3" : rank < 5 ? "n1" : "n2";
}

}  // namespace

TEST_CASE("step: ranks that a server files under other nodes are found out") {
    // What Slurm 22.05 serves on n3 and on n1.
    CHECK(find_contradiction(facts_of(0, {{}, {5}, {2, 3, 4}}), host_of) ==
          "rank 0 is on n3 but listed nowhere");
    CHECK(find_contradiction(facts_of(2, {{5}, {}, {0, 1}}), host_of) ==
          "rank 2 is on n1 but listed nowhere");
    // Nodes that only have each other's names; the asking rank is right by chance.
    CHECK(find_contradiction(facts_of(5, {{0, 1}, {5}, {2, 3, 4}}), host_of) ==
          "rank 0 is on n3 but listed on n1");
}

TEST_CASE("step: lists that agree with the hosts, or that nothing contradicts, are believed") {
    const PmixFacts right = facts_of(0, {{2, 3, 4}, {5}, {0, 1}});
    CHECK(find_contradiction(right, host_of) == std::nullopt);
    const PmixFacts wrong = facts_of(0, {{0, 1}, {5}, {2, 3, 4}});
    CHECK(find_contradiction(wrong, [](int) { return ""; }) == std::nullopt);
}
