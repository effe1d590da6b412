// SPDX-License-Identifier: Apache-2.0
// One line for a monitoring system. Source: Monitoring Plugins Development Guidelines, "Plugin
// Output for Nagios" and "Performance data".
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runtime/base/text.hpp"
#include "runtime/check/fold.hpp"
#include "runtime/report/check_formats.hpp"
#include "runtime/report/check_strips.hpp"
#include "runtime/report/check_subjects.hpp"

namespace warpstep::report {
namespace {

using check::Finding;

constexpr std::size_t most_named = 5;  // what a line on a pager holds

// '|' ends the text, and there is one line.
std::string one_line(std::string text) {
    for (char& c : text) {
        if (c == '|') c = '/';
        if (c == '\n' || c == '\r' || c == '\t') c = ' ';
    }
    return text;
}

bool is_information(const Finding& f) {
    return f.verdict == check::Verdict::warn && f.severity == check::Severity::information;
}

void add_all(std::vector<std::string>& parts, const CheckReport& report, check::Verdict verdict) {
    std::vector<const Finding*> all;
    for (const Finding& f : report.findings) {
        const bool counts =
            verdict != check::Verdict::warn || f.severity != check::Severity::information;
        if (f.verdict == verdict && counts) all.push_back(&f);
    }
    for (const check::Fold& one : check::fold(all, report.facts))
        parts.push_back(fmt::format("{}: {}: {}", one.first().rule, one.whom, one.evidence));
}

// The slowest GPU of each probe: what a graph over weeks should show.
std::string measured(const CheckReport& report) {
    if (report.facts == nullptr) return "";
    std::string text;
    for (const Strip& strip : strips_of(*report.facts)) {
        if (!strip.is_rate() || strip.dots.empty()) continue;
        const auto slowest = std::min_element(
            strip.dots.begin(), strip.dots.end(),
            [](const Dot& a, const Dot& b) { return a.sample->value < b.sample->value; });
        std::string label = strip.title();
        for (char& c : label)
            if (c == '\'' || c == '=' || c == '|') c = '_';
        text += fmt::format(" 'min {}'={:.6g}", label, slowest->sample->value);
    }
    return text;
}

}  // namespace

int nagios_code(const CheckReport& report) {
    if (count_of(report.findings, check::Verdict::fail) > 0) return 2;
    const auto is_warning = [](const Finding& f) {
        return f.verdict == check::Verdict::warn && f.severity != check::Severity::information;
    };
    // Before warnings: an unmeasured error may be the greater evil.
    if (report.exit_code == 1) return 2;
    if (report.exit_code != 0) return 3;
    return std::any_of(report.findings.begin(), report.findings.end(), is_warning) ? 1 : 0;
}

std::string check_nagios(const CheckReport& report) {
    constexpr std::array states{"OK", "WARNING", "CRITICAL", "UNKNOWN"};
    const int code = nagios_code(report);
    std::vector<std::string> parts;
    add_all(parts, report, check::Verdict::fail);
    if (code == 3) add_all(parts, report, check::Verdict::unknown);
    if (code != 0) add_all(parts, report, check::Verdict::warn);
    if (parts.empty()) parts.push_back(report.answer);
    const std::size_t left = parts.size() > most_named ? parts.size() - most_named : 0;
    parts.resize(parts.size() - left);
    if (left > 0) parts.push_back(fmt::format("and {} more", left));
    // As the text counts: informations are no warnings.
    const auto informs = static_cast<std::size_t>(
        std::count_if(report.findings.begin(), report.findings.end(), is_information));
    std::string counts;
    for (const check::Verdict verdict : all_verdicts) {
        const std::size_t all = count_of(report.findings, verdict);
        counts += fmt::format(" {}={}", check::name_of(verdict),
                              verdict == check::Verdict::warn ? all - informs : all);
    }
    counts += fmt::format(" INFO={}", informs);
    return one_line(fmt::format("WARPSTEP {} - {}", states[static_cast<std::size_t>(code)],
                                join(parts, "; "))) +
           fmt::format(" |{} seconds={:.1f}s{}\n", counts, report.seconds, measured(report));
}

}  // namespace warpstep::report
