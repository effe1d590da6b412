// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/rules/same_trouble.hpp"

#include <fmt/format.h>

#include <set>

#include "runtime/base/counted.hpp"
#include "runtime/base/text.hpp"

namespace warpstep::check {
namespace {

/// "0-3,8"
std::string ranges(const std::vector<int>& ranks) {
    std::vector<std::string> pieces;
    for (std::size_t first = 0; first < ranks.size();) {
        std::size_t last = first;
        while (last + 1 < ranks.size() && ranks[last + 1] == ranks[last] + 1) ++last;
        pieces.push_back(first == last ? fmt::format("{}", ranks[first])
                                       : fmt::format("{}-{}", ranks[first], ranks[last]));
        first = last + 1;
    }
    constexpr std::size_t shown = 6;
    if (pieces.size() > shown) {
        pieces.resize(shown);
        pieces.push_back("…");
    }
    return join(pieces, ",");
}

std::set<std::string> nodes_of(const std::vector<Member>& members) {
    std::set<std::string> nodes;
    for (const Member& member : members) nodes.insert(member.node);
    return nodes;
}

/// Ascending; empty when one of the members has none. A rank may have several processes.
std::vector<int> ranks_of(const std::vector<Member>& members) {
    std::set<int> ranks;
    for (const Member& member : members) ranks.insert(member.rank);
    if (ranks.empty() || *ranks.begin() < 0) return {};
    return {ranks.begin(), ranks.end()};
}

}  // namespace

std::string show(const std::vector<Member>& members, int size) {
    const auto nodes = nodes_of(members);
    const std::vector<int> ranks = ranks_of(members);
    const std::string place =
        nodes.size() == 1 ? *nodes.begin() : fmt::format("{} nodes", nodes.size());
    if (ranks.empty()) return fmt::format("{} on {}", counted(members.size(), "process"), place);
    if (ranks.size() == 1) return fmt::format("rank {} on {}", ranks[0], place);
    if (static_cast<int>(ranks.size()) == size) return fmt::format("all {} ranks", size);
    return fmt::format("ranks {} on {}", ranges(ranks), place);
}

Subject subject_of(const std::vector<Member>& members) {
    const auto nodes = nodes_of(members);
    const std::vector<int> ranks = ranks_of(members);
    if (nodes.size() != 1) return {};
    return {*nodes.begin(), ranks.size() == 1 ? ranks[0] : -1, "", "", ""};
}

void SameTrouble::add(const Member& member, const std::string& what, const std::string& fix,
                      const std::string& example) {
    Trouble& trouble = troubles_[{what, fix}];
    if (trouble.members.empty()) trouble.example = example;
    trouble.members.push_back(member);
}

std::string SameTrouble::sentence(const std::string& what, const Trouble& trouble) const {
    std::string text = show(trouble.members, size_) + ": " + what;
    if (trouble.example.empty()) return text;
    const bool alone = trouble.members.size() == 1;
    const Member& first = trouble.members.front();
    return text + (alone ? fmt::format(" ({})", trouble.example)
                         : fmt::format(" (rank {}: {})", first.rank, trouble.example));
}

void SameTrouble::fire(Judge& judge) const {
    for (const auto& [key, trouble] : troubles_) {
        judge.fire(subject_of(trouble.members), sentence(key.first, trouble), {}, key.second);
    }
}

void SameTrouble::unknown(Judge& judge) const {
    for (const auto& [key, trouble] : troubles_)
        judge.unknown(subject_of(trouble.members), sentence(key.first, trouble));
}

std::string some_of(const std::vector<std::string>& names) {
    constexpr std::size_t shown = 2;
    if (names.empty()) return "none";
    if (names.size() <= shown + 1) return join(names, ", ");
    return fmt::format("{}, {} and {} more", names[0], names[1], names.size() - shown);
}

}  // namespace warpstep::check
