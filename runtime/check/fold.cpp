// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/fold.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "runtime/base/text.hpp"
#include "runtime/check/open_names.hpp"
#include "runtime/check/show_subjects.hpp"

namespace warpstep::check {
namespace {

/// Up to so many with figures of their own are said one by one.
constexpr std::size_t few = 3;
/// Commands for so many nodes are written out; of more, how they are made.
constexpr std::size_t most_commands = 4;

using Group = std::vector<const Finding*>;

/// What findings must have in common to be put together.
std::string key_of(const Finding& finding) {
    const std::string& said = finding.common.empty() ? finding.evidence : finding.common;
    return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", finding.rule, static_cast<int>(finding.verdict),
                       static_cast<int>(finding.severity), static_cast<int>(finding.about()),
                       finding.common.empty() ? with_open_names(said, finding.subject) : said,
                       with_own_names_open(finding.fix, finding.subject));
}

std::vector<Group> grouped(const Group& findings) {
    std::vector<Group> groups;
    std::map<std::string, std::size_t> places;
    for (const Finding* finding : findings) {
        const auto [place, is_new] = places.emplace(key_of(*finding), groups.size());
        if (is_new) groups.emplace_back();
        groups[place->second].push_back(finding);
    }
    return groups;
}

template <typename Get>
bool all_equal(const Group& group, Get get) {
    return std::all_of(group.begin(), group.end(),
                       [&](const Finding* f) { return get(*f) == get(*group.front()); });
}

std::string own_open(const std::string& text, const Finding& finding) {
    return with_own_names_open(text, finding.subject);
}

void replace_marks(std::string& text, char mark, const std::string& by) {
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + by.size()))
        text.replace(at, 1, by);
}

/// Different names of the group, in its order.
template <typename Get>
std::vector<std::string> names_in(const Group& group, Get get) {
    std::vector<std::string> names;
    std::set<std::string> seen;
    for (const Finding* finding : group) {
        const std::string& name = get(finding->subject);
        if (!name.empty() && seen.insert(name).second) names.push_back(name);
    }
    return names;
}

/// The command for GPUs of one node: nvidia-smi takes several UUIDs, other names are said singly.
std::string fix_on_node(std::string form, const Group& group) {
    const auto pcis = names_in(group, [](const Subject& s) { return s.pci; });
    const auto serials = names_in(group, [](const Subject& s) { return s.serial; });
    replace_marks(form, node_mark, group.front()->subject.node);
    replace_marks(form, uuid_mark,
                  join(names_in(group, [](const Subject& s) { return s.gpu_uuid; }), ","));
    replace_marks(form, serial_mark, join(serials, ", "));
    if (form.find(pci_mark) != std::string::npos && pcis.size() > 1) {
        replace_marks(form, pci_mark, "ADDRESS");
        form = fmt::format("with each ADDRESS of {}: {}", join(pcis, ", "), form);
    }
    replace_marks(form, pci_mark, pcis.empty() ? "" : pcis.front());
    return form;
}

std::vector<Group> by_node(const Group& group) {
    std::vector<Group> nodes;
    std::map<std::string, std::size_t> places;
    for (const Finding* finding : group) {
        const auto [place, is_new] = places.emplace(finding->subject.node, nodes.size());
        if (is_new) nodes.emplace_back();
        nodes[place->second].push_back(finding);
    }
    return nodes;
}

/// One command for all of a group. Where each node needs its own, a line for each.
std::string united_fix(const Group& group) {
    const Finding& first = *group.front();
    if (all_equal(group, [](const Finding& f) { return f.fix; })) return first.fix;
    const std::string form = own_open(first.fix, first);
    const auto nodes = by_node(group);
    const bool of_gpus = form.find_first_of({uuid_mark, serial_mark, pci_mark}) != form.npos;
    if (!of_gpus) {  // Slurm takes lists of nodes
        std::string one = form;
        replace_marks(one, node_mark,
                      join(names_in(group, [](const Subject& s) { return s.node; }), ","));
        return one;
    }
    std::vector<std::string> lines;
    for (const Group& node : nodes) {
        if (lines.size() < most_commands) lines.push_back(fix_on_node(form, node));
    }
    if (nodes.size() > most_commands)
        lines.push_back(fmt::format("and the same for the GPUs of {} more nodes (--verbose)",
                                    nodes.size() - most_commands));
    return join(lines, "\n");
}

std::vector<Subject> subjects_of(const Group& group) {
    std::vector<Subject> subjects;
    for (const Finding* finding : group) {
        if (finding->subjects.empty()) subjects.push_back(finding->subject);
        subjects.insert(subjects.end(), finding->subjects.begin(), finding->subjects.end());
    }
    return subjects;
}

/// The evidence of all where it is the same, else what they share and one of them.
std::string shared_evidence(const Group& group, const Facts* facts) {
    const Finding& first = *group.front();
    const std::string seen = first.evidence;
    if (all_equal(group, [](const Finding& f) { return f.evidence; })) return seen;
    const std::string example = show_subjects({first.subject}, facts);
    return first.common.empty() ? fmt::format("{}: {}", example, seen)
                                : fmt::format("{}; {}: {}", first.common, example, seen);
}

Fold folded(const Group& group, const Facts* facts) {
    const Finding& first = *group.front();
    Fold fold{group,
              show_subjects(subjects_of(group), facts),
              shared_evidence(group, facts),
              united_fix(group),
              "",
              "",
              first.unit,
              ""};
    if (first.count > 1 && first.subjects.empty()) fold.whom = counted_subjects(first);
    if (all_equal(group, [](const Finding& f) { return f.measured; }))
        fold.measured = first.measured;
    if (all_equal(group, [](const Finding& f) { return f.expected; }))
        fold.expected = first.expected;
    if (all_equal(group, [](const Finding& f) { return f.peers; })) fold.peers = first.peers;
    return fold;
}

/// Whether nothing is lost when the findings are said in one sentence.
bool say_the_same(const Group& group) {
    return all_equal(group, [](const Finding& f) { return f.evidence; }) ||
           all_equal(group, [](const Finding& f) { return own_open(f.evidence, f); });
}

}  // namespace

std::vector<Fold> fold(const std::vector<const Finding*>& findings, const Facts* facts) {
    std::vector<Fold> folds;
    for (const Group& group : grouped(findings)) {
        if (group.size() > few || say_the_same(group)) {
            folds.push_back(folded(group, facts));
            continue;
        }
        for (const Finding* finding : group) folds.push_back(alone(*finding, facts));
    }
    return folds;
}

Fold alone(const Finding& finding, const Facts* facts) {
    return folded({&finding}, facts);
}

}  // namespace warpstep::check
