// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/facts.hpp"

#include <algorithm>
#include <charconv>

namespace warpstep::check {

const RankFacts* Facts::rank(int number) const {
    const auto found = std::find_if(ranks.begin(), ranks.end(),
                                    [&](const RankFacts& r) { return r.rank == number; });
    return found == ranks.end() ? nullptr : &*found;
}

void Facts::index() {
    by_node.clear();
    for (std::size_t i = 0; i < nodes.size(); ++i)
        by_node.try_emplace(nodes[i].name).first->second.node = i;
    for (std::size_t i = 0; i < ranks.size(); ++i) {
        const auto here = by_node.find(ranks[i].node);
        if (here != by_node.end()) here->second.ranks.push_back(i);
    }
    indexed_ranks = ranks.size();
    memo = std::make_shared<Memo>();
    memo->of = ranks.data();
}

const NodeFacts* Facts::node(const std::string& name) const {
    if (const auto known = by_node.find(name); known != by_node.end()) {
        const std::size_t at = known->second.node;
        if (at < nodes.size() && nodes[at].name == name) return &nodes[at];
    }
    const auto found = std::find_if(nodes.begin(), nodes.end(),
                                    [&](const NodeFacts& n) { return n.name == name; });
    return found == nodes.end() ? nullptr : &*found;
}

std::vector<const RankFacts*> Facts::ranks_on(const std::string& node_name) const {
    std::vector<const RankFacts*> found;
    const auto known = by_node.find(node_name);
    if (known != by_node.end() && indexed_ranks == ranks.size()) {
        for (const std::size_t i : known->second.ranks) found.push_back(&ranks[i]);
        const bool holds = std::all_of(found.begin(), found.end(),
                                       [&](const RankFacts* r) { return r->node == node_name; });
        if (holds) return found;
        found.clear();
    }
    for (const RankFacts& r : ranks) {
        if (r.node == node_name) found.push_back(&r);
    }
    return found;
}

bool Facts::in_slurm() const {
    return std::any_of(ranks.begin(), ranks.end(),
                       [](const RankFacts& r) { return r.env.contains("SLURM_JOB_ID"); });
}

std::optional<std::string> variable(const std::map<std::string, std::string>& env,
                                    const char* name) {
    const auto found = env.find(name);
    if (found == env.end()) return std::nullopt;
    return found->second;
}

std::optional<int> number(const std::map<std::string, std::string>& env, const char* name) {
    const auto text = variable(env, name);
    if (!text) return std::nullopt;
    int value = 0;
    const auto end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, value);
    if (error != std::errc() || stop != end) return std::nullopt;
    return value;
}

}  // namespace warpstep::check
