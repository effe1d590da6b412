// SPDX-License-Identifier: Apache-2.0
// JUnit XML. Source: the common part of Jenkins's junit-10.xsd and the JUnit.xsd of Ant's reports
// (github.com/windyroad/JUnit-Schema), so that it is valid against both.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>

#include "runtime/report/file_printer.hpp"
#include "runtime/report/format_texts.hpp"
#include "runtime/report/junit_properties.hpp"
#include "runtime/report/xml_text.hpp"

namespace warpstep::report {
namespace {

/// One testcase: of the run itself, of a verify rule or of an expectation.
struct Case {
    enum class End { passed, failure, error, skipped };
    std::string group, name;
    double seconds = 0;
    End end = End::passed;
    std::string type, message, text;
};

Case::End end_of(execution::Verdict verdict) {
    if (verdict == execution::Verdict::passed) return Case::End::passed;
    if (verdict == execution::Verdict::failed) return Case::End::failure;
    if (verdict == execution::Verdict::skipped || is_allowed_failure(verdict))
        return Case::End::skipped;
    return Case::End::error;
}

// The run as a whole: the only case of a workload that checks nothing, and the place of its
// failure.
Case run_case(const Report& report) {
    Case run{report.workload, "run", report.run_seconds, Case::End::passed, "", "", ""};
    if (report.failure) {
        run.end = Case::End::error;
        run.type = report.exit_code == ExitCode::bad_input ? "bad input" : "no verdict";
        run.message = *report.failure;
        run.text =
            fmt::format("{}\nexit code {}", *report.failure, static_cast<int>(report.exit_code));
    }
    return run;
}

std::string group_of(const Report& report, const std::string& step) {
    return step.empty() ? report.workload : report.workload + "." + step;
}

Case verify_case(const Report& report, const execution::JudgedVerify& v) {
    const auto verdict = execution::name_of(v.verdict);
    Case result{group_of(report, v.step),
                fmt::format("verify {}: {}", v.buffer, v.rule),
                0,
                end_of(v.verdict),
                std::string(verdict),
                v.detail.empty() ? std::string(verdict) : v.detail,
                ""};
    result.text = fmt::format("{}: {}\n{}", v.buffer, v.rule, v.detail);
    return result;
}

Case expect_case(const Report& report, const execution::JudgedExpectation& e) {
    const auto verdict = execution::name_of(e.verdict);
    const std::string value = e.value.empty() ? "" : fmt::format("value {}", e.value);
    const std::string where = e.where.empty() ? "" : (value.empty() ? "" : ", ") + e.where;
    Case result{group_of(report, e.step),
                fmt::format("expect {}", e.that),
                0,
                end_of(e.verdict),
                std::string(verdict),
                value + where,
                ""};
    if (result.message.empty()) result.message = verdict;
    result.text = fmt::format("{}\n{}", e.that, result.message);
    return result;
}

std::vector<Case> cases_of(const Report& report) {
    std::vector<Case> cases{run_case(report)};
    for (const auto& v : report.judgement.verify) cases.push_back(verify_case(report, v));
    for (const auto& e : report.judgement.expectations) cases.push_back(expect_case(report, e));
    return cases;
}

std::string xml_of(const Case& one) {
    const std::string head =
        fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"",
                    xml_attribute(one.group), xml_attribute(one.name), one.seconds);
    const auto type = xml_attribute(one.type), message = xml_attribute(one.message);
    switch (one.end) {
        case Case::End::passed:
            return head + "/>\n";
        case Case::End::skipped:
            return fmt::format("{}>\n      <skipped message=\"{}\"/>\n    </testcase>\n", head,
                               one.type == one.message ? type : type + ": " + message);
        case Case::End::failure:
        case Case::End::error:
            break;
    }
    return fmt::format("{}>\n      <{} type=\"{}\" message=\"{}\">{}</{}>\n    </testcase>\n", head,
                       one.end == Case::End::error ? "error" : "failure", type, message,
                       xml_text(one.text), one.end == Case::End::error ? "error" : "failure");
}

std::string properties_of(const Report& report) {
    return junit_properties({{"path", report.path},
                             {"hash", report.hash},
                             {"device", report.device},
                             {"communicator", report.communicator},
                             {"ranks", std::to_string(report.ranks.size())},
                             {"nodes", std::to_string(report.nodes)},
                             {"job", report.job},
                             {"step", report.step},
                             {"verdict", std::string(verdict_of(report))},
                             {"exit_code", std::to_string(static_cast<int>(report.exit_code))},
                             {"warpstep", report.versions.warpstep}});
}

std::string start_of_run(const Report& report) {
    using Clock = std::chrono::system_clock;
    const std::chrono::duration<double> ago(report.start_seconds + report.run_seconds);
    const auto start = Clock::now() - std::chrono::duration_cast<Clock::duration>(ago);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}", fmt::gmtime(Clock::to_time_t(start)));
}

}  // namespace

std::string to_junit(const Report& report, std::string_view timestamp) {
    const auto cases = cases_of(report);
    const auto count = [&](Case::End end) {
        return std::count_if(cases.begin(), cases.end(),
                             [&](const Case& c) { return c.end == end; });
    };
    const std::string name = report.workload.empty() ? report.path : report.workload;
    const std::string host = report.ranks.empty() ? "unknown" : report.ranks.front().node_name;
    std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
    text += fmt::format(
        "  <testsuite id=\"0\" package=\"warpstep\" name=\"{}\" timestamp=\"{}\" hostname=\"{}\" "
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3f}\">\n",
        xml_attribute(name), timestamp, xml_attribute(host), cases.size(),
        count(Case::End::failure), count(Case::End::error), count(Case::End::skipped),
        report.run_seconds);
    text += properties_of(report);
    for (const auto& one : cases) text += xml_of(one);
    text += fmt::format("    <system-out>{}</system-out>\n", xml_text(to_table(report, false)));
    return text + "    <system-err></system-err>\n  </testsuite>\n</testsuites>\n";
}

std::unique_ptr<Printer> junit_printer(const std::string& path) {
    return std::make_unique<FilePrinter>(
        path, [](const Report& report) { return to_junit(report, start_of_run(report)); });
}

}  // namespace warpstep::report
