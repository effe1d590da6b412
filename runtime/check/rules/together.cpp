// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/rules/together.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "runtime/base/text.hpp"
#include "runtime/process/cpu_list.hpp"

namespace warpstep::check {
namespace {

using Group = std::vector<const Hit*>;

bool say_the_same(const Hit& one, const Hit& other) {
    return one.evidence == other.evidence && one.fix == other.fix;
}

std::vector<Group> grouped(const std::vector<Hit>& hits) {
    std::vector<Group> groups;
    for (const Hit& hit : hits) {
        const auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& g) {
            return say_the_same(*g.front(), hit);
        });
        if (group == groups.end())
            groups.push_back({&hit});
        else if (group->back()->subject != hit.subject)
            group->push_back(&hit);
    }
    return groups;
}

std::vector<std::string> nodes_of(const Group& group) {
    std::set<std::string> names;
    for (const Hit* hit : group) names.insert(hit->subject.node);
    return {names.begin(), names.end()};
}

std::string show_whom(const Group& group) {
    std::vector<int> ranks;
    for (const Hit* hit : group) {
        if (hit->subject.rank >= 0) ranks.push_back(hit->subject.rank);
    }
    return ranks.empty() ? show_names(nodes_of(group)) : show_ranks(ranks);
}

std::string show_some(const std::vector<std::string>& all, const char* separator) {
    constexpr std::size_t shown = 8;
    if (all.size() <= shown) return join(all, separator);
    const std::vector<std::string> some(all.begin(), all.begin() + shown);
    return fmt::format("{} and {} more", join(some, separator), all.size() - shown);
}

}  // namespace

void fire_together(Judge& judge, const std::vector<Hit>& hits, std::size_t all) {
    for (const Group& group : grouped(hits)) {
        const Hit& first = *group.front();
        if (group.size() == 1) {
            judge.fire(first.subject, first.evidence, first.figure, first.fix);
            continue;
        }
        if (group.size() >= all) {
            judge.fire({}, first.evidence, first.figure, first.fix);
            continue;
        }
        const auto nodes = nodes_of(group);
        Subject subject;
        if (nodes.size() == 1) subject.node = nodes.front();
        judge.fire(subject, fmt::format("{} ({})", first.evidence, show_whom(group)), first.figure,
                   first.fix);
    }
}

void unknown_together(Judge& judge, const std::vector<std::string>& nodes, const std::string& why) {
    if (nodes.empty()) return;
    if (nodes.size() == 1) return judge.unknown({nodes.front(), -1, "", "", ""}, why);
    judge.unknown({}, fmt::format("{} ({})", why, show_names(nodes)));
}

std::string show_ranks(std::vector<int> ranks) {
    std::sort(ranks.begin(), ranks.end());
    return (ranks.size() == 1 ? "rank " : "ranks ") +
           show_some(split(process::show(ranks), ','), ",");
}

std::string show_names(const std::vector<std::string>& names) {
    return show_some(names, ", ");
}

}  // namespace warpstep::check
