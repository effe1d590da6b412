// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/check_subjects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "runtime/check/rule.hpp"
#include "runtime/check/rules.hpp"
#include "runtime/report/check_strips.hpp"

namespace warpstep::report {
namespace {

using check::Finding;
using check::Subject;

void make_worse(check::Verdict& verdict, check::Verdict by) {
    if (badness(by) > badness(verdict)) verdict = by;
}

template <typename Map, typename Key>
check::Verdict at_or_skip(const Map& map, const Key& key) {
    const auto found = map.find(key);
    return found == map.end() ? check::Verdict::skip : found->second;
}

/// Nothing could be told of the state of any GPU of the node.
bool is_of_all_gpus(const Finding& finding) {
    const check::Rule* rule = check::find_rule(finding.rule);
    return finding.verdict == check::Verdict::unknown && finding.subjects.empty() &&
           finding.subject.kind() == check::Kind::node && rule != nullptr && rule->walk.is_state;
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

Verdicts::Verdicts(const std::vector<Finding>& findings, const check::GpuSet& decided)
    : decided_(decided) {
    for (const Finding& finding : findings) {
        if (is_of_all_gpus(finding))
            make_worse(all_gpus_.emplace(finding.subject.node, check::Verdict::skip).first->second,
                       finding.verdict);
        if (finding.subjects.empty()) add(finding, finding.subject);
        for (const Subject& subject : finding.subjects) add(finding, subject);
    }
}

void Verdicts::add(const Finding& finding, const Subject& subject) {
    // What passed is told by `decided_`: rules of other things pass on GPUs, too.
    if (subject.kind() == check::Kind::gpu && finding.verdict != check::Verdict::pass)
        make_worse(gpus_.emplace(key_of(subject), check::Verdict::skip).first->second,
                   finding.verdict);
    if (subject.kind() != check::Kind::gpu && !subject.node.empty())
        make_worse(nodes_.emplace(subject.node, check::Verdict::pass).first->second,
                   finding.verdict);
}

check::Verdict Verdicts::on(const check::NodeFacts& node, const check::GpuFacts& gpu) const {
    const auto key = key_of(check::subject_of(node, gpu));
    check::Verdict worst = decided_.contains(key) ? check::Verdict::pass : check::Verdict::skip;
    make_worse(worst, at_or_skip(gpus_, key));
    make_worse(worst, at_or_skip(all_gpus_, node.name));
    return worst;
}

check::Verdict Verdicts::on(const check::NodeFacts& node) const {
    check::Verdict worst = check::Verdict::pass;
    make_worse(worst, at_or_skip(nodes_, node.name));
    return worst;
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
