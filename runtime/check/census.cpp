// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/census.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/counted.hpp"
#include "runtime/base/text.hpp"
#include "runtime/comm/rank_names.hpp"

namespace warpstep::check {
namespace {

/// Up to so many are said one by one.
constexpr std::size_t few = 3;

std::string show_ranks_of(const std::vector<Subject>& subjects) {
    std::vector<int> ranks;
    ranks.reserve(subjects.size());
    for (const Subject& subject : subjects) ranks.push_back(subject.rank);
    std::sort(ranks.begin(), ranks.end());
    ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
    return comm::show_ranks(ranks, [&](int rank) {
        const auto found = std::find_if(subjects.begin(), subjects.end(),
                                        [&](const Subject& s) { return s.rank == rank; });
        return found->node;
    });
}

}  // namespace

std::string show(const std::vector<Subject>& all, const Facts& facts) {
    std::vector<Subject> subjects;
    for (const Subject& subject : all) {
        if (subjects.empty() || subjects.back() != subject) subjects.push_back(subject);
    }
    const Subject& first = subjects.front();
    if (std::all_of(subjects.begin(), subjects.end(), [](const Subject& s) { return s.rank >= 0; }))
        return show_ranks_of(subjects);
    const bool gpus = !first.gpu_uuid.empty() || !first.pci.empty();
    if (!gpus && subjects.size() == facts.nodes.size() && subjects.size() > few)
        return fmt::format("all {} nodes", subjects.size());
    std::vector<std::string> shown;
    for (const Subject& subject : subjects) {
        if (shown.size() < few) shown.push_back(show(subject));
    }
    const std::size_t more = subjects.size() - shown.size();
    if (more == 0) return join(shown, ", ");
    return fmt::format("{} and {}", join(shown, ", "),
                       counted(more, gpus ? "more GPU" : "more node"));
}

void Census::pass(Subject subject, std::string evidence, Figure figure) {
    add(Said::pass, {std::move(subject), std::move(evidence), std::move(figure)}, "");
}

void Census::fire(Subject subject, std::string evidence, Figure figure, std::string fix) {
    add(Said::fire, {std::move(subject), std::move(evidence), std::move(figure)}, std::move(fix));
}

void Census::warn(Subject subject, std::string evidence, Figure figure, std::string fix) {
    add(Said::warn, {std::move(subject), std::move(evidence), std::move(figure)}, std::move(fix));
}

void Census::unknown(Subject subject, std::string why) {
    add(Said::unknown, {std::move(subject), std::move(why), {}}, "");
}

void Census::skip(std::string why) {
    if (std::find(skips_.begin(), skips_.end(), why) == skips_.end())
        skips_.push_back(std::move(why));
}

void Census::add(Said said, Case one, std::string fix) {
    ++judged_;
    const auto found = std::find_if(groups_.begin(), groups_.end(), [&](const Group& group) {
        return group.said == said && group.fix == fix;
    });
    if (found != groups_.end()) {
        found->cases.push_back(std::move(one));
    } else {
        groups_.push_back({said, std::move(fix), {std::move(one)}});
    }
}

void Census::say(Said said, const Case& one, const std::string& fix) {
    switch (said) {
        case Said::fire:
            return judge_.fire(one.subject, one.evidence, one.figure, fix);
        case Said::warn:
            return judge_.warn(one.subject, one.evidence, one.figure, fix);
        case Said::unknown:
            return judge_.unknown(one.subject, one.evidence);
        case Said::pass:
            return judge_.pass(one.subject, one.evidence, one.figure);
    }
}

Census::Case Census::together(const std::vector<Case>& cases) const {
    Case one = cases.front();
    std::vector<Subject> subjects;
    subjects.reserve(cases.size());
    for (const Case& other : cases) subjects.push_back(other.subject);
    const auto differs = [&](auto field) {
        return std::any_of(cases.begin(), cases.end(),
                           [&](const Case& other) { return field(other) != field(one); });
    };
    const bool several = differs([](const Case& c) { return c.evidence; });
    const std::string example = several ? ", such as " + show(one.subject) : "";
    one.evidence = fmt::format("{}{}: {}", show(subjects, facts_), example, one.evidence);
    if (differs([](const Case& c) { return c.figure.measured; })) one.figure.measured.clear();
    if (differs([](const Case& c) { return c.figure.expected; })) one.figure.expected.clear();
    one.subject = {differs([](const Case& c) { return c.subject.node; }) ? "" : one.subject.node,
                   -1, "", "", ""};
    return one;
}

void Census::write(const Group& group) {
    const std::size_t count = group.cases.size();
    const bool apart =
        (group.said == Said::fire || group.said == Said::warn) && count <= few && count < judged_;
    if (count == 1 || apart) {
        for (const Case& one : group.cases) say(group.said, one, group.fix);
    } else {
        say(group.said, together(group.cases), group.fix);
    }
}

void Census::write() {
    std::stable_sort(groups_.begin(), groups_.end(),
                     [](const Group& a, const Group& b) { return a.said < b.said; });
    for (const Group& group : groups_) write(group);
    if (!groups_.empty()) return;
    for (const std::string& why : skips_) judge_.skip(why);
}

}  // namespace warpstep::check
