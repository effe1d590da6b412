// SPDX-License-Identifier: Apache-2.0
#include "runtime/probes/rounds.hpp"

#include <algorithm>
#include <map>

namespace warpstep::check::probes {
namespace {

using ByNode = std::map<int, std::vector<int>>;

std::vector<Round> one_round(Round round) {
    if (round.empty()) return {};
    return {std::move(round)};
}

std::vector<Round> in_turns(const ByNode& nodes) {
    std::size_t turns = 0;
    for (const auto& [node, seats] : nodes) turns = std::max(turns, (seats.size() + 1) / 2);
    std::vector<Round> rounds(turns);
    // The first and the second half of a node's seats are near different sockets where it has two.
    for (const auto& [node, seats] : nodes) {
        const std::size_t half = (seats.size() + 1) / 2;
        for (std::size_t i = 0; i < seats.size(); ++i) rounds[i % half].push_back({seats[i]});
    }
    return rounds;
}

std::vector<Round> node_pairs(const ByNode& nodes) {
    std::vector<int> firsts;
    for (const auto& [node, seats] : nodes) firsts.push_back(seats.front());
    std::vector<Round> rounds;
    for (const auto& pairs : pairings(static_cast<int>(firsts.size()))) {
        Round& round = rounds.emplace_back();
        for (const auto& [a, b] : pairs) {
            round.push_back(
                {firsts[static_cast<std::size_t>(a)], firsts[static_cast<std::size_t>(b)]});
        }
    }
    return rounds;
}

}  // namespace

std::vector<Round> rounds_of(const Probe& probe, const std::vector<Seat>& seats,
                             const std::set<int>& lost) {
    std::vector<int> able;
    ByNode nodes;
    for (int i = 0; i < static_cast<int>(seats.size()); ++i) {
        if (lost.count(i) > 0) continue;
        able.push_back(i);
        nodes[seats[static_cast<std::size_t>(i)].node].push_back(i);
    }
    const auto enough = [&](const std::vector<int>& group) {
        return static_cast<int>(group.size()) >= std::max(1, probe.least_seats);
    };
    Round round;
    switch (probe.group) {
        case Group::each:
            for (const int seat : able) round.push_back({seat});
            break;
        case Group::in_turns:
            return in_turns(nodes);
        case Group::node:
            for (const auto& [node, here] : nodes)
                if (enough(here)) round.push_back(here);
            break;
        case Group::all:
            if (enough(able)) round.push_back(able);
            break;
        case Group::node_pairs:
            return node_pairs(nodes);
    }
    return one_round(std::move(round));
}

step::Step step_of(const step::Step& parent, const std::vector<Seat>& group, std::size_t n) {
    step::Step step;
    step.launcher = step::Launcher::given;
    step.rank = static_cast<int>(n);
    step.size = static_cast<int>(group.size());
    step.job_id = parent.job_id;
    step.step_id = parent.step_id;
    step.restart_count = parent.restart_count;
    step.node_names.clear();
    step.node_ranks.clear();
    std::map<int, std::size_t> index;
    for (std::size_t i = 0; i < group.size(); ++i) {
        const auto [it, fresh] = index.emplace(group[i].node, step.node_names.size());
        if (fresh) {
            step.node_names.push_back(group[i].place.node);
            step.node_ranks.emplace_back();
        }
        if (i == n) {
            step.node = static_cast<int>(it->second);
            step.local_rank = static_cast<int>(step.node_ranks[it->second].size());
        }
        step.node_ranks[it->second].push_back(static_cast<int>(i));
    }
    step.local_size = static_cast<int>(step.node_ranks[static_cast<std::size_t>(step.node)].size());
    return step;
}

std::vector<std::vector<std::pair<int, int>>> pairings(int count) {
    std::vector<std::vector<std::pair<int, int>>> rounds;
    if (count < 2) return rounds;
    const int places = count + count % 2;
    for (int turn = 0; turn + 1 < places; ++turn) {
        auto& round = rounds.emplace_back();
        // The last place stays, the others go round it; an odd one out has a free turn.
        const auto at = [&](int place) { return (turn + place) % (places - 1); };
        if (places - 1 < count) round.emplace_back(at(0), places - 1);
        for (int i = 1; i < places / 2; ++i) {
            round.emplace_back(at(i), at(places - 1 - i));
        }
    }
    return rounds;
}

}  // namespace warpstep::check::probes
