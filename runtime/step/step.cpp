// SPDX-License-Identifier: Apache-2.0
#include "runtime/step/step.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runtime/base/error.hpp"

namespace warpstep::step {

int Step::node_of(int other_rank) const {
    for (std::size_t index = 0; index < node_ranks.size(); ++index) {
        const auto& ranks = node_ranks[index];
        if (std::binary_search(ranks.begin(), ranks.end(), other_rank)) {
            return static_cast<int>(index);
        }
    }
    fail<LogicError>("rank {} is on no node of this step of {} ranks", other_rank, size);
}

Step part_of(const Step& step, const std::vector<int>& ranks) {
    Step part = step;
    part.size = static_cast<int>(ranks.size());
    part.rank = part.local_rank = -1;
    part.node_names.clear();
    part.node_ranks.clear();
    part.known_as.clear();
    std::map<int, std::size_t> places;  // of the nodes
    for (std::size_t index = 0; index < ranks.size(); ++index) {
        const int rank = ranks[index];
        const int node = step.node_of(rank);
        const auto [place, is_new] = places.emplace(node, part.node_names.size());
        if (is_new) {
            part.node_names.push_back(step.node_names[static_cast<std::size_t>(node)]);
            part.node_ranks.emplace_back();
        }
        auto& of_node = part.node_ranks[place->second];
        if (rank == step.rank) {
            part.rank = static_cast<int>(index);
            part.local_rank = static_cast<int>(of_node.size());
            part.node = static_cast<int>(place->second);
        }
        of_node.push_back(static_cast<int>(index));
        part.known_as.push_back(
            step.known_as.empty() ? rank : step.known_as[static_cast<std::size_t>(rank)]);
    }
    part.local_size =
        part.rank < 0
            ? 0
            : static_cast<int>(part.node_ranks[static_cast<std::size_t>(part.node)].size());
    return part;
}

std::string show_speaker(const Step& step) {
    return fmt::format("rank {} on {}", step.rank, step.node_name());
}

}  // namespace warpstep::step
