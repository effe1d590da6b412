// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "runtime/base/file.hpp"
#include "runtime/report/printer.hpp"
#include "tests/support/sample_report.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;

namespace {

constexpr const char* noon = "2026-01-31T12:00:00";

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string before_output(const std::string& xml) {
    return xml.substr(0, xml.find("    <system-out>"));
}

}  // namespace

TEST_CASE("report: JUnit has a case for the run, for every rule and for every expectation") {
    auto report = test::sample_report();
    report.judgement.expectations[1].verdict = execution::Verdict::skipped;
    CHECK(before_output(report::to_junit(report, noon)) == R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite id="0" package="warpstep" name="stream-triad" timestamp="2026-01-31T12:00:00" hostname="n1" tests="4" failures="1" errors="0" skipped="1" time="2.000">
    <properties>
      <property name="path" value="configs/stream-triad.yaml"/>
      <property name="hash" value="af63dc4c8601ec8c"/>
      <property name="device" value="cuda"/>
      <property name="communicator" value="nccl 2.28.9"/>
      <property name="ranks" value="2"/>
      <property name="nodes" value="2"/>
      <property name="job" value="17"/>
      <property name="step" value="0"/>
      <property name="verdict" value="failed"/>
      <property name="exit_code" value="1"/>
      <property name="warpstep" value="0.1.0"/>
    </properties>
    <testcase classname="stream-triad" name="run" time="2.000"/>
    <testcase classname="stream-triad.triad" name="verify a: equals b" time="0.000"/>
    <testcase classname="stream-triad.triad" name="expect bandwidth.median &gt;= 4TB/s" time="0.000">
      <failure type="failed" message="value 3.90 TB/s, rank 1 on n2">bandwidth.median &gt;= 4TB/s
value 3.90 TB/s, rank 1 on n2</failure>
    </testcase>
    <testcase classname="stream-triad" name="expect true" time="0.000">
      <skipped message="skipped: value true"/>
    </testcase>
)");
}

TEST_CASE("report: JUnit carries the table as the suite's output") {
    const auto report = test::sample_report();
    const std::string xml = report::to_junit(report, noon);
    CHECK(holds(xml, "<system-out>stream-triad · 2 ranks on 2 nodes"));
    CHECK(xml.ends_with(
        "</system-out>\n    <system-err></system-err>\n  </testsuite>\n</testsuites>\n"));
}

TEST_CASE(
    "report: in JUnit a failed verification says what was found, an unknown one is an error") {
    auto report = test::sample_report();
    report.judgement.verify[0].verdict = execution::Verdict::failed;
    report.judgement.verify[0].detail = "rank 1 on n2: 2 of 9 elements differ";
    report.judgement.expectations[0] = {"triad", "time < 1s", execution::Verdict::unknown, "",
                                        "time was not measured"};
    const std::string xml = report::to_junit(report, noon);
    CHECK(holds(xml, R"(tests="4" failures="1" errors="1" skipped="0")"));
    CHECK(holds(xml,
                "      <failure type=\"failed\" message=\"rank 1 on n2: 2 of 9 elements differ\">"
                "a: equals b\nrank 1 on n2: 2 of 9 elements differ</failure>\n"));
    CHECK(holds(xml,
                "      <error type=\"unknown\" message=\"time was not measured\">"
                "time &lt; 1s\ntime was not measured</error>\n"));
}

TEST_CASE("report: JUnit of a run without verdict is one error") {
    report::Report report;
    report.workload = "triad";
    report.failure = "rank 1 died";
    CHECK(holds(report::to_junit(report, noon),
                "hostname=\"unknown\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\""));
    CHECK(holds(report::to_junit(report, noon),
                "    <testcase classname=\"triad\" name=\"run\" time=\"0.000\">\n"
                "      <error type=\"no verdict\" message=\"rank 1 died\">rank 1 died\nexit code "
                "3</error>\n    </testcase>\n"));
    report.exit_code = ExitCode::bad_input;
    CHECK(holds(report::to_junit(report, noon), "<error type=\"bad input\""));
}

TEST_CASE("report: the JUnit printer dates the run and writes one file") {
    const test::TemporaryFolder folder;
    const auto report = test::sample_report();
    report::junit_printer(folder / "report.xml")->print(report);
    const std::string xml = read_file(folder / "report.xml");
    const auto at = xml.find("timestamp=\"") + 11;
    const std::string timestamp = xml.substr(at, xml.find('"', at) - at);
    CHECK(timestamp.size() == std::string(noon).size());
    CHECK(xml == report::to_junit(report, timestamp));
    CHECK(folder.entries() == 1);
}
