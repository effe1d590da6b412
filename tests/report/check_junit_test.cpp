// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/report/sample_check.hpp"

using namespace warpstep;

namespace {

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("report: JUnit of a check has a case for each rule and subject") {
    const std::string xml = report::show(test::small_check(), "junit");
    CHECK(holds(xml,
                "timestamp=\"2026-01-31T12:00:00\" hostname=\"unknown\" tests=\"7\" "
                "failures=\"2\" errors=\"1\" skipped=\"1\" time=\"93.400\">"));
    CHECK(holds(
        xml,
        R"(    <testcase classname="warpstep.check.error" name="remap-failed: GPU-b on n1" time="0.000">
      <failure type="FAIL" message="row remapping has failed">row remapping has failed
fix: drain the node and replace the GPU</failure>
    </testcase>
)"));
    CHECK(holds(xml,
                "name=\"cpus-few: rank 3 on n1\" time=\"0.000\">\n      <system-out>has "
                "1 CPU of 14\npeers: median 14 of 16\nfix: srun"));
    CHECK(
        holds(xml, "<error type=\"UNKNOWN\" message=\"the kernel log is readable by root only\">"));
    CHECK(holds(xml, "name=\"nvlink-down: GPU-b on n1\" time=\"0.000\"/>\n"));
    CHECK(holds(xml, "<skipped message=\"MIG is off\"/>"));
    CHECK(holds(xml, "<system-out>2 GPUs must be replaced.\n"));
}

TEST_CASE("report: JUnit of a check tells two findings about one subject apart") {
    auto report = test::small_check();
    report.findings[1].subject = report.findings[0].subject;
    const std::string xml = report::show(report, "junit");
    CHECK(holds(xml, "name=\"remap-failed: GPU-b on n1\""));
    CHECK(holds(xml, "name=\"remap-failed: GPU-b on n1 (2)\""));
}
