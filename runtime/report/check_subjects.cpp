// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/check_subjects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "runtime/base/text.hpp"
#include "runtime/process/cpu_list.hpp"
#include "runtime/report/check_strips.hpp"

namespace warpstep::report {
namespace {

using check::Finding;
using check::Subject;

constexpr std::size_t most_names = 6;

void replace_all(std::string& text, const std::string& name, const std::string& by) {
    if (name.empty()) return;
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + by.size()))
        text.replace(at, name.size(), by);
}

// The text without the names of its own subject.
std::string neutral(std::string text, const Subject& subject) {
    replace_all(text, subject.gpu_uuid, "\x01");
    replace_all(text, subject.serial, "\x02");
    replace_all(text, subject.pci, "\x03");
    if (subject.rank >= 0) replace_all(text, fmt::format("rank {}", subject.rank), "\x04");
    if (!subject.node.empty()) replace_all(text, " on " + subject.node, "\x05");
    return text;
}

std::string key_of(const Finding& finding) {
    const Subject& subject = finding.subject;
    const char kind = !subject.gpu_uuid.empty() || !subject.pci.empty() ? 'g'
                      : subject.rank >= 0                               ? 'r'
                      : !subject.node.empty()                           ? 'n'
                                                                        : 's';
    return fmt::format("{}\n{}\n{}\n{}\n{}", finding.rule, static_cast<int>(finding.verdict), kind,
                       neutral(finding.evidence, subject), neutral(finding.fix, subject));
}

std::string nodes_of(const std::vector<const Finding*>& findings) {
    std::vector<std::string> names;
    std::set<std::string> seen;
    for (const Finding* f : findings) {
        if (!f->subject.node.empty() && seen.insert(f->subject.node).second)
            names.push_back(f->subject.node);
    }
    const std::size_t left = names.size() > most_names ? names.size() - most_names : 0;
    names.resize(names.size() - left);
    return join(names, ", ") + (left == 0 ? "" : fmt::format(" and {} more", left));
}

std::string show_one(const check::Facts* facts, const Subject& subject) {
    const check::NodeFacts* node = facts == nullptr ? nullptr : facts->node(subject.node);
    if (node != nullptr && !subject.gpu_uuid.empty()) {
        for (const check::GpuFacts& gpu : node->gpus) {
            if (gpu.uuid == subject.gpu_uuid && gpu.index >= 0)
                return fmt::format("GPU {} ({}) on {}", gpu.index, gpu.uuid, node->name);
        }
    }
    return check::show(subject);
}

}  // namespace

bool fires(const Finding& finding) {
    return finding.verdict == check::Verdict::fail || finding.verdict == check::Verdict::warn;
}

std::size_t count_of(const std::vector<Finding>& findings, check::Verdict verdict) {
    return static_cast<std::size_t>(std::count_if(
        findings.begin(), findings.end(), [&](const Finding& f) { return f.verdict == verdict; }));
}

int badness(check::Verdict verdict) {
    switch (verdict) {
        case check::Verdict::fail:
            return 4;
        case check::Verdict::unknown:
            return 3;
        case check::Verdict::warn:
            return 2;
        case check::Verdict::pass:
            return 1;
        case check::Verdict::skip:
            return 0;
    }
    return 0;
}

std::size_t rules_at(const std::vector<Finding>& findings, check::Verdict verdict) {
    std::map<std::string, check::Verdict> worst;
    for (const Finding& finding : findings) {
        const auto [row, is_new] = worst.emplace(finding.rule, finding.verdict);
        if (!is_new && badness(finding.verdict) > badness(row->second))
            row->second = finding.verdict;
    }
    return static_cast<std::size_t>(std::count_if(
        worst.begin(), worst.end(), [&](const auto& row) { return row.second == verdict; }));
}

check::Verdict verdict_on(const std::vector<Finding>& findings, const check::NodeFacts& node,
                          const check::GpuFacts& gpu) {
    check::Verdict worst = check::Verdict::pass;
    for (const Finding& finding : findings) {
        const Subject& s = finding.subject;
        const bool own =
            s.gpu_uuid.empty() ? !s.pci.empty() && s.pci == gpu.pci : s.gpu_uuid == gpu.uuid;
        if (own && s.node == node.name && badness(finding.verdict) > badness(worst))
            worst = finding.verdict;
    }
    return worst;
}

check::Verdict verdict_on(const std::vector<Finding>& findings, const check::NodeFacts& node) {
    check::Verdict worst = check::Verdict::pass;
    for (const Finding& finding : findings) {
        const Subject& s = finding.subject;
        if (s.node == node.name && s.gpu_uuid.empty() && s.pci.empty() &&
            badness(finding.verdict) > badness(worst))
            worst = finding.verdict;
    }
    return worst;
}

std::vector<Folded> fold(const std::vector<const Finding*>& findings) {
    std::vector<Folded> folds;
    std::map<std::string, std::size_t> places;
    for (const Finding* finding : findings) {
        const auto [place, is_new] = places.emplace(key_of(*finding), folds.size());
        if (is_new) folds.push_back({finding, {}});
        folds[place->second].all.push_back(finding);
    }
    return folds;
}

std::string show_subjects(const check::Facts* facts, const std::vector<const Finding*>& findings) {
    const Subject& first = findings.front()->subject;
    if (findings.size() == 1) return show_one(facts, first);
    const std::string nodes = nodes_of(findings);
    const std::string on = nodes.empty() ? "" : " on " + nodes;
    if (!first.gpu_uuid.empty() || !first.pci.empty())
        return fmt::format("{} GPUs{}", findings.size(), on);
    if (first.rank < 0) return nodes.empty() ? "the step" : nodes;
    process::CpuList ranks;
    for (const Finding* f : findings) ranks.push_back(f->subject.rank);
    std::sort(ranks.begin(), ranks.end());
    return fmt::format("ranks {}{}", process::show(ranks), on);
}

std::string evidence_of(const Finding& finding) {
    const std::string& seen = finding.evidence;
    const std::string node = finding.subject.node.empty() ? "" : " on " + finding.subject.node;
    for (const std::string& name :
         {check::show(finding.subject), fmt::format("rank {}{}", finding.subject.rank, node),
          fmt::format("rank {}", finding.subject.rank)}) {
        for (const char* end : {" ", ": "}) {
            if (seen.rfind(name + end, 0) == 0) return seen.substr((name + end).size());
        }
    }
    if (!seen.empty()) return seen;
    std::string text =
        finding.measured.empty() ? "" : "measured " + show_figure(finding.measured, finding.unit);
    if (!finding.expected.empty())
        text += (text.empty() ? "expected " : ", expected ") +
                show_figure(finding.expected, finding.unit);
    return text;
}

std::string show_figure(const std::string& figure, const std::string& unit) {
    const std::size_t start = figure.find_first_not_of("<>= ");
    if (start != std::string::npos && (unit == "B/s" || unit == "FLOP/s" || unit == "s")) {
        char* end = nullptr;
        const double value = std::strtod(figure.c_str() + start, &end);
        if (*end == '\0') return figure.substr(0, start) + show_measured(value, unit);
    }
    return unit.empty() ? figure : figure + " " + unit;
}

}  // namespace warpstep::report
