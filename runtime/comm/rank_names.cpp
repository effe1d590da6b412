// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/rank_names.hpp"

#include <map>

#include <fmt/format.h>

#include <cstddef>
#include <utility>

#include "runtime/base/text.hpp"

namespace warpstep::comm {
namespace {

constexpr std::size_t shown_nodes = 4;

// "0-3", "4 and 6", "1, 3-5 and 9": runs of three or more become a range.
std::string show_runs(const std::vector<int>& ranks) {
    std::vector<std::string> runs;
    for (std::size_t i = 0; i < ranks.size();) {
        std::size_t end = i + 1;
        while (end < ranks.size() && ranks[end] == ranks[end - 1] + 1) ++end;
        if (end - i >= 3) {
            runs.push_back(fmt::format("{}-{}", ranks[i], ranks[end - 1]));
        } else {
            for (std::size_t k = i; k < end; ++k) runs.push_back(std::to_string(ranks[k]));
        }
        i = end;
    }
    if (runs.size() == 1) return runs.front();
    const std::string last = runs.back();
    runs.pop_back();
    return join(runs, ", ") + " and " + last;
}

}  // namespace

std::string show_ranks(const std::vector<int>& ranks, const std::function<std::string(int)>& node) {
    if (ranks.empty()) return "no rank";
    std::vector<std::pair<std::string, std::vector<int>>> by_node;
    for (const int rank : ranks) {
        const std::string name = node(rank);
        if (by_node.empty() || by_node.back().first != name) by_node.push_back({name, {}});
        by_node.back().second.push_back(rank);
    }
    std::vector<std::string> pieces;
    for (std::size_t i = 0; i < by_node.size() && i < shown_nodes; ++i) {
        const auto& [name, of_node] = by_node[i];
        pieces.push_back(name.empty() ? show_runs(of_node)
                                      : fmt::format("{} on {}", show_runs(of_node), name));
    }
    std::string text = (ranks.size() == 1 ? "rank " : "ranks ") + join(pieces, ", ");
    if (by_node.size() > shown_nodes) {
        std::size_t left_out = 0;
        for (std::size_t i = shown_nodes; i < by_node.size(); ++i) {
            left_out += by_node[i].second.size();
        }
        text += fmt::format(" and {} more", left_out);
    }
    return text;
}

std::string show_ranks(const std::vector<int>& ranks, const step::Step& step) {
    std::vector<int> known;
    std::map<int, int> rank_known_as;
    for (const int rank : ranks) {
        known.push_back(step.known_as.empty() ? rank
                                              : step.known_as.at(static_cast<std::size_t>(rank)));
        rank_known_as[known.back()] = rank;
    }
    return show_ranks(known, [&](int rank) {
        for (std::size_t node = 0; node < step.node_ranks.size(); ++node)
            for (const int other : step.node_ranks[node])
                if (other == rank_known_as.at(rank)) return step.node_names[node];
        return std::string();
    });
}

}  // namespace warpstep::comm
