// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/rules/tally.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/base/counted.hpp"
#include "runtime/check/rules/together.hpp"

namespace warpstep::check {
namespace {

enum class Kind { gpu, rank, node };

Kind kind_of(const Subject& subject) {
    if (!subject.gpu_uuid.empty() || !subject.pci.empty()) return Kind::gpu;
    return subject.rank >= 0 ? Kind::rank : Kind::node;
}

const char* noun_of(const Subject& subject) {
    constexpr const char* nouns[] = {"GPU", "rank", "node"};
    return nouns[static_cast<int>(kind_of(subject))];
}

bool alike(const Subject& one, const Subject& other) {
    return kind_of(one) == kind_of(other);
}

}  // namespace

void Tally::pass(Subject subject, const std::string& text) {
    entries_.push_back({Mode::pass, std::move(subject), text, text, {}, ""});
}

void Tally::unknown(Subject subject, const std::string& text) {
    entries_.push_back({Mode::unknown, std::move(subject), text, text, {}, ""});
}

void Tally::skip(Subject subject, const std::string& text) {
    entries_.push_back({Mode::skip, std::move(subject), text, text, {}, ""});
}

void Tally::unclear(Subject subject, std::string kind, std::string evidence, std::string fix) {
    entries_.push_back({Mode::unclear,
                        std::move(subject),
                        std::move(kind),
                        std::move(evidence),
                        {},
                        std::move(fix)});
}

void Tally::fire(Subject subject, std::string kind, std::string evidence, Figure figure,
                 std::string fix) {
    entries_.push_back({Mode::fire, std::move(subject), std::move(kind), std::move(evidence),
                        std::move(figure), std::move(fix)});
}

void Tally::warn(Subject subject, std::string kind, std::string evidence, Figure figure,
                 std::string fix) {
    fire(std::move(subject), std::move(kind), std::move(evidence), std::move(figure),
         std::move(fix));
    entries_.back().mode = Mode::warn;
}

void Tally::fail(Subject subject, std::string kind, std::string evidence, Figure figure,
                 std::string fix) {
    fire(std::move(subject), std::move(kind), std::move(evidence), std::move(figure),
         std::move(fix));
    entries_.back().mode = Mode::fail;
}

void Tally::write(Judge& judge) const {
    std::vector<Group> groups;
    for (const Entry& entry : entries_) {
        const auto same = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
            return group.front()->mode == entry.mode && group.front()->kind == entry.kind &&
                   alike(group.front()->subject, entry.subject);
        });
        if (same == groups.end())
            groups.push_back({&entry});
        else
            same->push_back(&entry);
    }
    for (const Group& group : groups) write_group(group, judge);
}

/// Subjects of its kind that were judged, of one node or ("") of all.
std::size_t Tally::judged_like(const Subject& subject, const std::string& node) const {
    return static_cast<std::size_t>(
        std::count_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
            return entry.mode != Mode::skip && alike(entry.subject, subject) &&
                   (node.empty() || entry.subject.node == node);
        }));
}

void Tally::write_group(const Group& group, Judge& judge) const {
    const Entry& first = *group.front();
    if (group.size() == 1) return write_finding(first, judge);
    const std::size_t nodes = by_node(group).size();
    const bool good = first.mode == Mode::pass || first.mode == Mode::skip;
    const bool all = group.size() == judged_like(first.subject, "");
    if (!good && !all) return write_wholes(group, judge);
    std::string whom = (all ? "all " : "") + counted(group.size(), noun_of(first.subject));
    const bool inside_nodes = kind_of(first.subject) != Kind::node;
    const bool on_one = nodes == 1 && inside_nodes;
    if (nodes > 1 && inside_nodes) whom += fmt::format(" on {} nodes", nodes);
    write_together(group, on_one ? Subject{first.subject.node, -1, "", "", ""} : Subject{}, whom,
                   judge);
}

/// Of subjects that are not all: whole nodes together, the others one by one while they are few.
void Tally::write_wholes(const Group& group, Judge& judge) const {
    std::vector<Group> wholes, parts;
    for (const Group& members : by_node(group)) {
        const Subject& first = members.front()->subject;
        const bool whole = members.size() > 1 && members.size() == judged_like(first, first.node);
        (whole ? wholes : parts).push_back(members);
    }
    if (wholes.size() > few) {
        parts = by_node(group);
        wholes.clear();
    }
    for (const Group& members : wholes) {
        const Subject& first = members.front()->subject;
        write_together(members, {first.node, -1, "", "", ""},
                       "all " + counted(members.size(), noun_of(first)), judge);
    }
    write_parts(parts, judge);
}

void Tally::write_parts(const std::vector<Group>& parts, Judge& judge) const {
    Group all;
    std::vector<std::string> places;
    for (const Group& members : parts) {
        const Subject& first = members.front()->subject;
        places.push_back(kind_of(first) == Kind::node
                             ? first.node
                             : fmt::format("{}: {}", first.node, members.size()));
        all.insert(all.end(), members.begin(), members.end());
    }
    if (all.size() <= few) {
        for (const Entry* entry : all) write_finding(*entry, judge);
        return;
    }
    const Subject& first = all.front()->subject;
    write_together(all, {},
                   fmt::format("{} of {} ({})", all.size(),
                               counted(judged_like(first, ""), noun_of(first)), show_names(places)),
                   judge);
}

/// In the order in which the nodes came.
std::vector<Tally::Group> Tally::by_node(const Group& group) {
    std::vector<Group> nodes;
    for (const Entry* entry : group) {
        const auto same = std::find_if(nodes.begin(), nodes.end(), [&](const Group& members) {
            return members.front()->subject.node == entry->subject.node;
        });
        if (same == nodes.end())
            nodes.push_back({entry});
        else
            same->push_back(entry);
    }
    return nodes;
}

/// Of GPUs of one node: with all their UUIDs, as nvidia-smi takes them. "": they have none.
std::string Tally::common_fix(const Group& group) {
    const Subject& first = group.front()->subject;
    const std::string form = with_uuid(*group.front(), "UUID");
    bool same = true, same_node = true;
    std::string uuids;
    for (const Entry* entry : group) {
        same = same && with_uuid(*entry, "UUID") == form;
        same_node = same_node && entry->subject.node == first.node;
        uuids += (uuids.empty() ? "" : ",") + entry->subject.gpu_uuid;
    }
    if (!same) return "";
    if (form == group.front()->fix) return form;
    return same_node ? with_uuid(*group.front(), uuids) : "for each GPU: " + form;
}

/// The fix with `other` in place of the GPU's UUID.
std::string Tally::with_uuid(const Entry& entry, const std::string& other) {
    const std::string& uuid = entry.subject.gpu_uuid;
    std::string text = entry.fix;
    if (uuid.empty()) return text;
    for (std::size_t at = text.find(uuid); at != std::string::npos;
         at = text.find(uuid, at + other.size()))
        text.replace(at, uuid.size(), other);
    return text;
}

void Tally::write_together(const Group& group, const Subject& subject, const std::string& whom,
                           Judge& judge) {
    Entry together = *group.front();
    together.subject = subject;
    bool same_evidence = true, same_figure = true;
    for (const Entry* entry : group) {
        same_evidence = same_evidence && entry->evidence == together.evidence;
        same_figure = same_figure && entry->figure.measured == together.figure.measured &&
                      entry->figure.expected == together.figure.expected;
    }
    together.evidence = same_evidence
                            ? fmt::format("{}: {}", whom, together.evidence)
                            : fmt::format("{}: {}; {}, for example: {}", whom, together.kind,
                                          show(group.front()->subject), together.evidence);
    if (!same_figure) together.figure = {};
    together.fix = common_fix(group);
    write_finding(together, judge);
}

void Tally::write_finding(const Entry& entry, Judge& judge) {
    switch (entry.mode) {
        case Mode::pass:
            return judge.pass(entry.subject, entry.evidence, entry.figure);
        case Mode::fire:
            return judge.fire(entry.subject, entry.evidence, entry.figure, entry.fix);
        case Mode::warn:
            return judge.warn(entry.subject, entry.evidence, entry.figure, entry.fix);
        case Mode::fail:
            return judge.fail(entry.subject, entry.evidence, entry.figure, entry.fix);
        case Mode::unknown:
            return judge.unknown(entry.subject, entry.evidence);
        case Mode::unclear:
            return judge.unclear(entry.subject, entry.evidence, entry.fix);
        case Mode::skip:
            return judge.skip(entry.evidence, entry.subject);
    }
}

}  // namespace warpstep::check
