// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/rule.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/check/open_names.hpp"

namespace warpstep::check {

Verdict Judge::own_verdict() const {
    return rule_.severity == Severity::error ? Verdict::fail : Verdict::warn;
}

std::string Judge::fix_or_own(std::string fix) const {
    return fix.empty() ? rule_.fix : std::move(fix);
}

Finding Judge::made(Verdict verdict, Severity severity, Subject subject, std::string evidence,
                    Figure figure, std::string fix) const {
    Finding finding;
    finding.rule = rule_.id;
    finding.severity = severity;
    finding.verdict = verdict;
    finding.kind = subject.kind();
    finding.subject = std::move(subject);
    finding.measured = std::move(figure.measured);
    finding.expected = std::move(figure.expected);
    finding.unit = std::move(figure.unit);
    finding.peers = std::move(figure.peers);
    finding.evidence = std::move(evidence);
    finding.fix = std::move(fix);
    return finding;
}

void Judge::add(Finding finding) {
    fired_ = true;
    judgement_.findings.push_back(std::move(finding));
}

void Judge::fire(Subject subject, std::string evidence, Figure figure, std::string fix) {
    fire(std::move(subject), "", std::move(evidence), std::move(figure), std::move(fix));
}

void Judge::fire(Subject subject, std::string common, std::string evidence, Figure figure,
                 std::string fix) {
    Finding finding = made(own_verdict(), rule_.severity, std::move(subject), std::move(evidence),
                           std::move(figure), fix_or_own(std::move(fix)));
    finding.common = std::move(common);
    add(std::move(finding));
}

void Judge::warn(Subject subject, std::string evidence, Figure figure, std::string fix) {
    warn(std::move(subject), "", std::move(evidence), std::move(figure), std::move(fix));
}

void Judge::warn(Subject subject, std::string common, std::string evidence, Figure figure,
                 std::string fix) {
    Finding finding = made(Verdict::warn, Severity::warning, std::move(subject),
                           std::move(evidence), std::move(figure), fix_or_own(std::move(fix)));
    finding.common = std::move(common);
    add(std::move(finding));
}

void Judge::fail(Subject subject, std::string common, std::string evidence, Figure figure,
                 std::string fix) {
    Finding finding = made(Verdict::fail, Severity::error, std::move(subject), std::move(evidence),
                           std::move(figure), fix_or_own(std::move(fix)));
    finding.common = std::move(common);
    add(std::move(finding));
}

void Judge::pass(Subject subject, std::string evidence, Figure figure) {
    const Kind kind = subject.kind();
    if (kind == Kind::gpu && rule_.walk.is_state) judgement_.decided.insert(key_of(subject));
    const auto same = std::find_if(passed_.begin(), passed_.end(),
                                   [&](const Passed& one) { return one.finding.kind == kind; });
    if (same == passed_.end()) {
        passed_.push_back({made(Verdict::pass, rule_.severity, std::move(subject),
                                std::move(evidence), std::move(figure), "")});
        return;
    }
    Finding& known = same->finding;
    ++known.count;
    same->differs = same->differs || known.evidence != evidence;
    if (known.subject.node != subject.node) known.subject.node.clear();
    if (known.measured != figure.measured) known.measured.clear();
    if (known.expected != figure.expected) known.expected.clear();
}

void Judge::unknown(Subject subject, std::string why) {
    const std::string key = subject.node + "\n" + with_open_names(why, subject);
    const auto [place, is_new] = places_.emplace(key, unknown_.size());
    if (is_new) {
        unknown_.push_back(made(Verdict::unknown, rule_.severity, std::move(subject),
                                std::move(why), {}, rule_.fix));
        return;
    }
    Finding& known = unknown_[place->second];
    if (known.subjects.empty()) known.subjects.push_back(known.subject);
    if (known.subjects.back() == subject) return;
    known.subjects.push_back(std::move(subject));
    known.count = static_cast<int>(known.subjects.size());
}

void Judge::unclear(Subject subject, std::string common, std::string evidence, std::string fix) {
    Finding finding = made(Verdict::unknown, rule_.severity, std::move(subject),
                           std::move(evidence), {}, fix_or_own(std::move(fix)));
    finding.common = std::move(common);
    finding.was_read = true;
    add(std::move(finding));
}

void Judge::skip(std::string why) {
    const auto same = std::find_if(skipped_.begin(), skipped_.end(),
                                   [&](const Finding& f) { return f.evidence == why; });
    if (same == skipped_.end())
        skipped_.push_back(made(Verdict::skip, rule_.severity, {}, std::move(why), {}, ""));
    else
        ++same->count;
}

bool Judge::is_silent() const {
    return !fired_ && passed_.empty() && unknown_.empty();
}

void Judge::pass_if_silent(std::string evidence) {
    if (is_silent()) pass({}, std::move(evidence));
}

void Judge::skip_if_silent(std::string why) {
    if (is_silent() && skipped_.empty()) skip(std::move(why));
}

void Judge::close() {
    const bool silent = is_silent();
    const auto write = [&](Finding& finding) { judgement_.findings.push_back(std::move(finding)); };
    for (Finding& finding : unknown_) {
        if (finding.count > 1) finding.subject = {finding.subject.node, -1, "", "", ""};
        write(finding);
    }
    for (auto& [finding, differs] : passed_) {
        if (differs)
            finding.evidence =
                fmt::format("{}, such as: {}",
                            show_count(static_cast<std::size_t>(finding.count), finding.kind),
                            finding.evidence);
        if (finding.count > 1) finding.subject = {finding.subject.node, -1, "", "", ""};
        write(finding);
    }
    if (silent && skipped_.empty()) skip("nothing here that it applies to");
    if (silent) std::for_each(skipped_.begin(), skipped_.end(), write);
}

Subject subject_of(const RankFacts& rank) {
    return {rank.node, rank.rank, "", "", ""};
}

Subject subject_of(const NodeFacts& node) {
    return {node.name, -1, "", "", ""};
}

Subject subject_of(const NodeFacts& node, const GpuFacts& gpu) {
    return {node.name, -1, gpu.uuid, gpu.serial, gpu.pci};
}

Subject subject_of(const ProgramFacts& program) {
    return {program.node, program.rank, "", "", ""};
}

}  // namespace warpstep::check
