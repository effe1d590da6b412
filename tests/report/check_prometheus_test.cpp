// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <limits>

#include "tests/report/sample_check.hpp"

using namespace warpstep;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
}

}  // namespace

TEST_CASE("report: Prometheus gets a verdict code for each rule and subject") {
    const std::string text = report::show(test::small_check(), "prometheus");
    CHECK(count(text,
                "warpstep_check_finding{rule=\"remap-failed\",severity=\"error\",node=\"n2\","
                "rank=\"\",gpu=\"GPU-c\",pci=\"0000:43:00.0\"} 2\n") == 1);
    CHECK(count(text,
                "{rule=\"cpus-few\",severity=\"warning\",node=\"n1\",rank=\"3\",gpu=\"\","
                "pci=\"\"} 1\n") == 1);
    CHECK(count(text,
                "{rule=\"xid\",severity=\"error\",node=\"n1\",rank=\"\",gpu=\"\",pci=\"\"} 3") ==
          1);
    CHECK(count(text, "mig-empty") == 0);
    CHECK(count(text, "# TYPE warpstep_check_finding gauge\n") == 1);
    CHECK(count(text, "warpstep_check_timestamp_seconds{level=\"full\"} 1769860800\n") == 1);
    CHECK(count(text, "warpstep_check_exit_code{level=\"full\"} 1\n") == 1);
    CHECK(count(text, "warpstep_check_findings{verdict=\"FAIL\"} 2\n") == 1);
}

TEST_CASE("report: a series of Prometheus has the worst of a rule's verdicts on a subject") {
    auto report = test::small_check();
    report.findings[0].verdict = check::Verdict::pass;
    report.findings[1].subject = report.findings[0].subject;
    const std::string text = report::show(report, "prometheus");
    CHECK(count(text, "rule=\"remap-failed\"") == 1);
    CHECK(count(text, "gpu=\"GPU-b\",pci=\"0000:1b:00.0\"} 2\n") == 1);
}

TEST_CASE("report: Prometheus gets measurements, and no sample for what has none") {
    const auto facts = test::broken_check_facts();
    const std::string text = report::show(test::broken_check(facts), "prometheus");
    CHECK(count(text, "warpstep_check_measurement{probe=\"gemm\"") == 16);
    CHECK(count(text, "warpstep_check_measurement{probe=\"h2d\"") == 15);
    CHECK(count(text, "peer=\"8 GPUs on n1\"") == 1);
    CHECK(count(text, "} nan") == 0);
}
