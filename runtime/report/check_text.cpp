// SPDX-License-Identifier: Apache-2.0
// The report for a terminal: the answer, what fires, what is unknown, a line about the rest.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "runtime/base/text.hpp"
#include "runtime/check/fold.hpp"
#include "runtime/check/show_subjects.hpp"
#include "runtime/report/check_formats.hpp"
#include "runtime/report/check_subjects.hpp"
#include "runtime/report/check_text_parts.hpp"

namespace warpstep::report {
namespace {

using check::Finding;
using check::Severity;

constexpr std::size_t most_lines = 8;  // of one rule, unless all are wanted

class Text {
  public:
    Text(const CheckReport& report, CheckStyle style) : report_(report), style_(style) {}

    std::string operator()() {
        add_head();
        for (const auto severity : {Severity::error, Severity::warning, Severity::information})
            add_firing(severity);
        add_unknown();
        if (report_.facts != nullptr) text_ += check_text_measurements(*report_.facts, style_);
        if (style_.verbose) add_rest(check::Verdict::pass), add_rest(check::Verdict::skip);
        add_last_line();
        return text_;
    }

  private:
    std::string in(const char* sequence, const std::string& text) const {
        return style_.colours ? fmt::format("\x1b[{}m{}\x1b[0m", sequence, text) : text;
    }

    void add_head() {
        text_ += in("1", wrapped(report_.answer, "", ""));
        if (!report_.degraded_because.empty())
            text_ += wrapped("not all ranks came together: " + report_.degraded_because, "", "");
    }

    /// Findings that `is_wanted`, those of one rule together, in the order of the rules.
    template <typename Predicate>
    std::vector<std::vector<const Finding*>> by_rule(Predicate is_wanted) const {
        std::vector<std::vector<const Finding*>> groups;
        std::map<std::string, std::size_t> places;
        for (const Finding& finding : report_.findings) {
            if (!is_wanted(finding)) continue;
            const auto [place, is_new] = places.emplace(finding.rule, groups.size());
            if (is_new) groups.emplace_back();
            groups[place->second].push_back(&finding);
        }
        return groups;
    }

    void add_firing(Severity severity) {
        const auto groups =
            by_rule([&](const Finding& f) { return fires(f) && shown_severity(f) == severity; });
        if (groups.empty()) return;
        constexpr std::array titles{"Errors", "Warnings", "Information"};
        constexpr std::array colours{"1;31", "1;33", "1;36"};
        const auto row = static_cast<std::size_t>(severity);
        text_ += "\n" + in(colours[row], titles[row]) + "\n";
        for (const auto& group : groups) add_rule(group, colours[row]);
    }

    // A warning that --fail-on made a failure stands among the errors.
    static Severity shown_severity(const Finding& finding) {
        return finding.verdict == check::Verdict::fail ? Severity::error : finding.severity;
    }

    void add_rule(const std::vector<const Finding*>& group, const char* colour) {
        text_ += "  " + in(colour, group.front()->rule) + "\n";
        const auto folds = check::fold(group, report_.facts);
        add_folds(folds);
        std::vector<std::string> fixes;
        for (const check::Fold& one : folds) {
            if (!one.fix.empty() && std::find(fixes.begin(), fixes.end(), one.fix) == fixes.end())
                fixes.push_back(one.fix);
        }
        const std::size_t shown =
            style_.verbose ? fixes.size() : std::min(fixes.size(), most_lines);
        for (std::size_t i = 0; i < shown; ++i) text_ += fix_lines(fixes[i]);
        if (shown < fixes.size())
            text_ +=
                fmt::format("      … {} more fixes; --verbose lists them\n", fixes.size() - shown);
    }

    void add_folds(const std::vector<check::Fold>& folds) {
        const std::size_t shown =
            style_.verbose ? folds.size() : std::min(folds.size(), most_lines);
        for (std::size_t i = 0; i < shown; ++i) {
            const check::Fold& one = folds[i];
            text_ += wrapped(one.whom + ": " + one.evidence, "    ", "      ");
            if (!one.peers.empty() && one.evidence.find(one.peers) == std::string::npos)
                text_ += wrapped("peers: " + one.peers, "      ", "      ");
            if (!style_.verbose || one.all.size() < 2) continue;
            for (const Finding* f : one.all)
                text_ +=
                    wrapped(check::show_subjects({f->subject}, report_.facts) + ": " + f->evidence,
                            "      ", "        ");
        }
        if (shown < folds.size())
            text_ += fmt::format("    … and {} more; --verbose lists them\n", folds.size() - shown);
    }

    /// Lines that begin with a command stay whole, so that they can be copied.
    std::string fix_lines(const std::string& fix) const {
        std::string lines;
        for (const std::string& line : split(fix, '\n')) {
            const std::string one = begins_with_command(line) ? "    > " + line + "\n"
                                                              : wrapped(line, "    > ", "      ");
            lines += in("32", one);
        }
        return lines;
    }

    void add_unknown() {
        std::map<std::string, std::vector<const Finding*>> by_reason;
        std::vector<std::string> reasons;
        for (const Finding& f : report_.findings) {
            if (f.verdict != check::Verdict::unknown) continue;
            const std::string& reason = f.evidence;
            auto& all = by_reason[reason];
            if (all.empty()) reasons.push_back(reason);
            all.push_back(&f);
        }
        if (reasons.empty()) return;
        text_ += "\n" + in("1;35", "Unknown: could not be measured") + "\n";
        for (const std::string& reason : reasons) {
            std::vector<std::string> ids;
            for (const Finding* f : by_reason[reason]) {
                if (std::find(ids.begin(), ids.end(), f->rule) == ids.end()) ids.push_back(f->rule);
            }
            // One rule: on whom. Several: which.
            const std::string whom =
                ids.size() == 1 ? ids[0] + ", " + whom_of(by_reason[reason]) : join(ids, ", ");
            text_ += wrapped(reason + ": " + whom, "  ", "    ");
        }
    }

    void add_rest(check::Verdict verdict) {
        const auto groups = by_rule([&](const Finding& f) { return f.verdict == verdict; });
        if (groups.empty()) return;
        text_ += "\n" + in("1", verdict == check::Verdict::pass ? "Passed" : "Do not apply") + "\n";
        for (const auto& group : groups) {
            for (const Finding* f : group)
                text_ += wrapped(
                    fmt::format("{}, {}: {}", f->rule, check::counted_subjects(*f), f->evidence),
                    "  ", "    ");
        }
    }

    std::string whom_of(const std::vector<const Finding*>& findings) const {
        std::vector<check::Subject> subjects;
        for (const Finding* f : findings) subjects.push_back(f->subject);
        return check::show_subjects(subjects, report_.facts);
    }

    void add_last_line() {
        std::string line = fmt::format("{} rules passed, {} do not apply",
                                       rules_at(report_.findings, check::Verdict::pass),
                                       rules_at(report_.findings, check::Verdict::skip));
        if (!style_.verbose) line += "; --verbose lists them";
        line += fmt::format(" ({}, {:.1f} s, warpstep {})", check::name_of(report_.level),
                            report_.seconds, report_.warpstep);
        text_ += "\n" + in("2", wrapped(line, "", ""));
    }

    const CheckReport& report_;
    CheckStyle style_;
    std::string text_;
};

}  // namespace

std::string check_text(const CheckReport& report, CheckStyle style) {
    return Text(report, style)();
}

}  // namespace warpstep::report
