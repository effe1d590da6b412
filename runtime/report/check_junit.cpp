// SPDX-License-Identifier: Apache-2.0
// JUnit XML of `warpstep check`: a case for each rule and subject. The same common part of the
// schemas as junit.cpp.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <map>

#include "runtime/report/check_formats.hpp"
#include "runtime/report/check_subjects.hpp"
#include "runtime/report/junit_properties.hpp"
#include "runtime/report/xml_text.hpp"

namespace warpstep::report {
namespace {

using check::Finding;

std::string told(const Finding& finding) {
    std::string text = finding.evidence;
    if (!finding.peers.empty()) text += "\npeers: " + finding.peers;
    if (!finding.fix.empty()) text += "\nfix: " + finding.fix;
    return text;
}

std::string body_of(const Finding& finding) {
    const std::string message = xml_attribute(finding.evidence);
    const std::string text = xml_text(told(finding));
    switch (finding.verdict) {
        case check::Verdict::pass:
            return "";
        case check::Verdict::warn:
            return fmt::format("<system-out>{}</system-out>", text);
        case check::Verdict::skip:
            return fmt::format("<skipped message=\"{}\"/>", message);
        case check::Verdict::fail:
            return fmt::format("<failure type=\"FAIL\" message=\"{}\">{}</failure>", message, text);
        case check::Verdict::unknown:
            return fmt::format("<error type=\"UNKNOWN\" message=\"{}\">{}</error>", message, text);
    }
    return "";
}

// A rule may say two things of one subject; servers tell cases apart by their names.
std::string case_of(const Finding& finding, int earlier) {
    std::string name = finding.rule + ": " + check::show(finding.subject);
    if (earlier > 0) name += fmt::format(" ({})", earlier + 1);
    const std::string head =
        fmt::format("    <testcase classname=\"warpstep.check.{}\" name=\"{}\" time=\"0.000\"",
                    check::name_of(finding.severity), xml_attribute(name));
    const std::string body = body_of(finding);
    return body.empty() ? head + "/>\n"
                        : fmt::format("{}>\n      {}\n    </testcase>\n", head, body);
}

std::string properties_of(const CheckReport& report) {
    return junit_properties({{"answer", report.answer},
                             {"level", std::string(check::name_of(report.level))},
                             {"exit_code", std::to_string(report.exit_code)},
                             {"degraded_because", report.degraded_because},
                             {"job", report.job},
                             {"step", report.step},
                             {"warpstep", report.warpstep}});
}

}  // namespace

std::string check_junit(const CheckReport& report) {
    const bool has_node = report.facts != nullptr && !report.facts->nodes.empty();
    const std::string host = has_node ? report.facts->nodes.front().name : "unknown";
    // The schemas want a date without zone.
    const std::string date = fmt::format("{:%Y-%m-%dT%H:%M:%S}", fmt::gmtime(report.date));
    std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
    text += fmt::format(
        "  <testsuite id=\"0\" package=\"warpstep\" name=\"warpstep check\" timestamp=\"{}\" "
        "hostname=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" "
        "time=\"{:.3f}\">\n",
        xml_attribute(date), xml_attribute(host), report.findings.size(),
        count_of(report.findings, check::Verdict::fail),
        count_of(report.findings, check::Verdict::unknown),
        count_of(report.findings, check::Verdict::skip), report.seconds);
    text += properties_of(report);
    std::map<std::string, int> named;
    for (const Finding& finding : report.findings)
        text += case_of(finding, named[finding.rule + ": " + check::show(finding.subject)]++);
    text += fmt::format("    <system-out>{}</system-out>\n", xml_text(check_text(report, {})));
    return text + "    <system-err></system-err>\n  </testsuite>\n</testsuites>\n";
}

}  // namespace warpstep::report
