// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "runtime/step/pmix_facts.hpp"

namespace warpstep::step {
namespace {

std::string node_in_lists(const PmixFacts& facts, int rank) {
    for (std::size_t node = 0; node < facts.node_ranks.size(); ++node) {
        const auto& ranks = facts.node_ranks[node];
        if (std::find(ranks.begin(), ranks.end(), rank) != ranks.end()) {
            return facts.node_names[node];
        }
    }
    return "";
}

}  // namespace

std::optional<std::string> find_contradiction(const PmixFacts& facts,
                                              const std::function<std::string(int rank)>& host_of) {
    std::vector<int> asked{facts.rank};
    for (const auto& ranks : facts.node_ranks) {
        if (!ranks.empty()) asked.insert(asked.end(), {ranks.front(), ranks.back()});
    }
    for (const int rank : asked) {
        const std::string host = host_of(rank);
        const std::string listed = node_in_lists(facts, rank);
        if (host.empty() || host == listed) continue;
        return fmt::format("rank {} is on {} but listed {}", rank, host,
                           listed.empty() ? "nowhere" : "on " + listed);
    }
    return std::nullopt;
}

}  // namespace warpstep::step
