// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/rules/same.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runtime/base/counted.hpp"
#include "runtime/base/text.hpp"
#include "runtime/check/rules/names.hpp"

namespace warpstep::check {
namespace {

constexpr std::size_t most_values = 8;  // that are told

/// Those who have one value.
struct Party {
    std::string value;
    std::vector<const Held*> members;
    std::vector<std::string> nodes;
};

/// The largest first.
std::vector<Party> parties_of(const std::vector<Held>& all) {
    std::map<std::string, Party> by_value;
    for (const Held& held : all) {
        Party& party = by_value[held.value];
        party.value = held.value.empty() ? "none" : held.value;
        party.members.push_back(&held);
        if (std::find(party.nodes.begin(), party.nodes.end(), held.subject.node) ==
            party.nodes.end())
            party.nodes.push_back(held.subject.node);
    }
    std::vector<Party> parties;
    for (auto& [value, party] : by_value) parties.push_back(std::move(party));
    std::stable_sort(parties.begin(), parties.end(), [](const Party& one, const Party& other) {
        return one.members.size() > other.members.size();
    });
    return parties;
}

/// "n2 (ranks 8-15)", "n1, n3", "n2 (GPU-…)"
std::string whereabouts(const Party& party) {
    const std::string nodes = show_names(party.nodes);
    std::vector<int> ranks;
    std::vector<std::string> gpus;
    for (const Held* held : party.members) {
        if (held->subject.rank >= 0) ranks.push_back(held->subject.rank);
        if (!held->subject.gpu_uuid.empty()) gpus.push_back(held->subject.gpu_uuid);
    }
    if (!ranks.empty()) return fmt::format("{} ({})", nodes, show_ranks(ranks));
    if (gpus.size() == 1) return fmt::format("{} ({})", nodes, gpus.front());
    return gpus.empty() ? nodes : fmt::format("{} ({} GPUs)", nodes, gpus.size());
}

/// `fix` with NODES replaced, as Slurm's options take them.
std::string with_nodes(std::string fix, const std::string& nodes) {
    constexpr std::string_view word = "NODES";
    const std::size_t at = fix.find(word);
    return at == std::string::npos ? fix : fix.replace(at, word.size(), nodes);
}

/// Of all parties but the largest.
std::string other_nodes(const std::vector<Party>& parties) {
    std::vector<std::string> nodes;
    for (std::size_t i = 1; i < parties.size(); ++i)
        nodes.insert(nodes.end(), parties[i].nodes.begin(), parties[i].nodes.end());
    return join(nodes, ",");
}

}  // namespace

void judge_same(const char* what, const std::vector<Held>& all, Judge& judge) {
    if (all.size() < 2) return judge.skip(fmt::format("{}: there are no two to be compared", what));
    const std::vector<Party> parties = parties_of(all);
    const Party& most = parties.front();
    if (parties.size() == 1) {
        if (most.members.front()->value.empty())
            return judge.skip(fmt::format("{}: found nowhere", what));
        return judge.pass(
            {}, fmt::format("{} {} on {}", what, most.value, counted(most.nodes.size(), "node")));
    }
    std::vector<std::string> texts, values;
    for (const Party& party : parties) {
        texts.push_back(fmt::format("{} on {}", party.value, whereabouts(party)));
        values.push_back(party.value);
    }
    const bool majority = most.members.size() > parties[1].members.size();
    const Figure figure{
        majority ? show_names({values.begin() + 1, values.end()}) : show_names(values),
        majority ? most.value : "the same everywhere", ""};
    texts.resize(std::min(texts.size(), most_values));
    const std::string common = fmt::format("{} differs", what);
    const std::string evidence = fmt::format("{}: {}", common, join(texts, "; "));
    const std::string fix = judge.rule().fix;
    if (!majority) return judge.fire({}, evidence, figure, with_nodes(fix, other_nodes(parties)));
    for (std::size_t i = 1; i < parties.size(); ++i) {
        for (const Held* held : parties[i].members)
            judge.fire(held->subject, common, evidence, figure,
                       with_nodes(fix, held->subject.node));
    }
}

}  // namespace warpstep::check
