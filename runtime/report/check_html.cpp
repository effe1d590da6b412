// SPDX-License-Identifier: Apache-2.0
// The page of `warpstep check`: one file that asks nothing of a network.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "runtime/base/counted.hpp"
#include "runtime/base/text.hpp"
#include "runtime/check/fold.hpp"
#include "runtime/check/show_subjects.hpp"
#include "runtime/report/check_formats.hpp"
#include "runtime/report/check_html_parts.hpp"
#include "runtime/report/check_subjects.hpp"
#include "runtime/report/check_text_parts.hpp"
#include "runtime/report/xml_text.hpp"

namespace warpstep::report {
namespace {

using check::Finding;

constexpr std::array shown_words{"FAIL", "UNKNOWN", "WARN", "INFO"};  // in this order

std::string badge_html(const Badge& badge) {
    return fmt::format("<span class=\"badge {}\"><i>{}</i>{}</span>", badge.style, badge.sign,
                       badge.word);
}

Badge badge_of_all(const CheckReport& report) {
    if (report.exit_code == 3) return badge_of(check::Verdict::unknown);
    if (report.exit_code != 0) return badge_of(check::Verdict::fail);
    const bool warns = std::any_of(report.findings.begin(), report.findings.end(),
                                   [](const Finding& f) { return badge_of(f).word == "WARN"; });
    return badge_of(warns ? check::Verdict::warn : check::Verdict::pass);
}

std::string head_of(const CheckReport& report) {
    std::vector<std::string> facts;
    if (!report.job.empty())
        facts.push_back("job " + report.job + (report.step.empty() ? "" : "." + report.step));
    if (report.facts != nullptr && !report.facts->nodes.empty()) {
        std::size_t gpus = 0;
        for (const auto& node : report.facts->nodes) gpus += node.gpus.size();
        facts.push_back(counted(report.facts->nodes.size(), "node"));
        facts.push_back(counted(report.facts->ranks.size(), "rank"));
        facts.push_back(counted(gpus, "GPU"));
    }
    facts.push_back(fmt::format("level {}", check::name_of(report.level)));
    facts.push_back(fmt::format("exit code {}", report.exit_code));
    facts.push_back(utc(report.date));
    facts.push_back(fmt::format("{:.1f} s", report.seconds));
    facts.push_back("warpstep " + report.warpstep);
    std::string text = fmt::format("<header>\n{}\n<h1>{}</h1>\n", badge_html(badge_of_all(report)),
                                   xml_text(report.answer));
    if (!report.degraded_because.empty())
        text += fmt::format("<p class=\"degraded\">Not all ranks came together: {}</p>\n",
                            xml_text(report.degraded_because));
    return text +
           fmt::format("<p class=\"meta\">{}</p>\n</header>\n", xml_text(join(facts, " · ")));
}

std::string command_html(const std::string& command) {
    const bool whole = command.find("…") == std::string::npos;  // else there is more to fill in
    return fmt::format("<div class=\"fix\"><code>{}</code>{}</div>\n", xml_text(command),
                       whole ? "<button type=\"button\">Copy</button>" : "");
}

/// One clause of a fix: a command, or a sentence that may end in one ("when it is idle: …").
std::string clause_html(const std::string& clause) {
    if (is_command(clause)) return command_html(clause);
    const auto colon = clause.find(": ");
    const std::string rest = colon == std::string::npos ? "" : clause.substr(colon + 2);
    if (!is_command(rest)) return fmt::format("<p class=\"advice\">{}</p>\n", xml_text(clause));
    return fmt::format("<p class=\"advice\">{}</p>\n", xml_text(clause.substr(0, colon + 1))) +
           command_html(rest);
}

/// Commands are copied one by one; what is a sentence is read.
std::string fixes_html(const check::Fold& one) {
    std::string text;
    for (const std::string& line : split(one.fix, '\n')) {
        for (std::size_t at = 0; at < line.size();) {
            const std::size_t end = std::min(line.find("; ", at), line.size());
            text += clause_html(line.substr(at, end - at));
            at = end + 2;
        }
    }
    return text;
}

std::string subjects_html(const CheckReport& report, const check::Fold& one) {
    if (one.all.size() < 2) return "";
    std::string text = fmt::format("<details><summary>all {}</summary><ul>\n", one.all.size());
    for (const Finding* f : one.all)
        text += fmt::format("<li>{}: {}</li>\n",
                            xml_text(check::show_subjects({f->subject}, report.facts)),
                            xml_text(f->evidence));
    return text + "</ul></details>\n";
}

std::string figure_html(const check::Fold& f) {
    std::vector<std::string> cells;
    if (!f.measured.empty())
        cells.push_back("measured <b>" + xml_text(show_figure(f.measured, f.unit)) + "</b>");
    if (!f.expected.empty())
        cells.push_back("expected <b>" + xml_text(show_figure(f.expected, f.unit)) + "</b>");
    if (!f.peers.empty()) cells.push_back("peers: " + xml_text(f.peers));
    return cells.empty() ? "" : "<p class=\"figure\">" + join(cells, " · ") + "</p>\n";
}

std::string finding_html(const CheckReport& report, const check::Fold& one) {
    const Badge badge = badge_of(one.first());
    return fmt::format(
        "<article class=\"finding {}\" data-verdict=\"{}\">\n<h3>{}<code>{}</code> <span>{}</span>"
        "</h3>\n<p>{}</p>\n{}{}{}</article>\n",
        badge.style, badge.word, badge_html(badge), xml_text(one.first().rule), xml_text(one.whom),
        xml_text(one.evidence), figure_html(one), subjects_html(report, one), fixes_html(one));
}

std::string findings_html(const CheckReport& report) {
    std::string buttons, articles;
    std::size_t all = 0;
    for (const std::string_view word : shown_words) {
        std::vector<const Finding*> wanted;
        for (const Finding& f : report.findings) {
            if (badge_of(f).word == word) wanted.push_back(&f);
        }
        const auto folds = check::fold(wanted, report.facts);
        if (folds.empty()) continue;
        all += folds.size();
        buttons += fmt::format(
            "<button type=\"button\" aria-pressed=\"false\" data-filter=\"{}\">{} {}</button>\n",
            word, word, folds.size());
        for (const check::Fold& one : folds) articles += finding_html(report, one);
    }
    if (all == 0)
        return "<section id=\"findings\">\n<h2>Findings</h2>\n<p class=\"none\">Nothing fires and "
               "nothing is unknown.</p>\n</section>\n";
    return fmt::format(
        "<section id=\"findings\">\n<h2>Findings</h2>\n<div class=\"filters\">\n<button "
        "type=\"button\" aria-pressed=\"true\" data-filter=\"\">All {}</button>\n{}</div>\n"
        "{}</section>\n",
        all, buttons, articles);
}

std::string rest_html(const CheckReport& report) {
    std::string rows;
    for (const check::Verdict verdict : {check::Verdict::pass, check::Verdict::skip}) {
        for (const Finding& f : report.findings) {
            if (f.verdict != verdict) continue;
            rows +=
                fmt::format("<tr><td>{}</td><td><code>{}</code></td><td>{}</td><td>{}</td></tr>\n",
                            badge_html(badge_of(verdict)), xml_text(f.rule),
                            xml_text(check::counted_subjects(f)), xml_text(f.evidence));
        }
    }
    if (rows.empty()) return "";
    return fmt::format(
        "<section id=\"rest\">\n<details>\n<summary>{} rules passed, {} do not apply</summary>\n"
        "<div class=\"scroll\"><table>\n<thead><tr><th>verdict</th><th>rule</th><th>on</th>"
        "<th>seen</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n</details>\n</section>\n",
        rules_at(report.findings, check::Verdict::pass),
        rules_at(report.findings, check::Verdict::skip), rows);
}

}  // namespace

Badge badge_of(check::Verdict verdict) {
    switch (verdict) {
        case check::Verdict::pass:
            return {"pass", "PASS", "✓"};
        case check::Verdict::warn:
            return {"warn", "WARN", "!"};
        case check::Verdict::fail:
            return {"fail", "FAIL", "✕"};
        case check::Verdict::unknown:
            return {"unknown", "UNKNOWN", "?"};
        case check::Verdict::skip:
            return {"skip", "SKIP", "–"};
    }
    return {"unknown", "UNKNOWN", "?"};
}

Badge badge_of(const Finding& finding) {
    if (finding.verdict == check::Verdict::warn && finding.severity == check::Severity::information)
        return {"info", "INFO", "i"};
    return badge_of(finding.verdict);
}

std::string check_html(const CheckReport& report) {
    std::string page = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n"
        "<title>{}: {}</title>\n<style>\n{}</style>\n</head>\n<body>\n<main>\n",
        badge_of_all(report).word, xml_text(report.answer), check_html_css);
    page += head_of(report);
    if (report.facts != nullptr) page += check_html_picture(report);
    page += findings_html(report);
    if (report.facts != nullptr) page += check_html_measurements(*report.facts);
    page += rest_html(report);
    return page +
           fmt::format("</main>\n<script>\n{}</script>\n</body>\n</html>\n", check_html_script);
}

}  // namespace warpstep::report
