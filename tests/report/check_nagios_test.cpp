// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>

#include "runtime/check/rules.hpp"
#include "runtime/check/verdict.hpp"
#include "tests/report/sample_check.hpp"

using namespace warpstep;
using check::Verdict;

namespace {

report::CheckReport with_only(std::initializer_list<Verdict> verdicts, int exit_code) {
    auto report = test::small_check();
    std::erase_if(report.findings, [&](const check::Finding& f) {
        return std::find(verdicts.begin(), verdicts.end(), f.verdict) == verdicts.end();
    });
    report.exit_code = exit_code;
    return report;
}

}  // namespace

TEST_CASE("report: a check for Nagios is one line with what fails first") {
    CHECK(report::show(test::small_check(), "nagios") ==
          "WARPSTEP CRITICAL - remap-failed: GPU-b, GPU-c on n1, n2: row remapping has failed; "
          "cpus-few: "
          "rank 3 on n1: has 1 CPU of 14 | PASS=1 WARN=1 FAIL=2 UNKNOWN=1 SKIP=1 INFO=1 "
          "seconds=93.4s\n");
    CHECK(report::nagios_code(test::small_check()) == 2);
}

TEST_CASE("report: the code for Nagios follows the worst that counts") {
    CHECK(report::nagios_code(with_only({Verdict::pass, Verdict::skip}, 0)) == 0);
    CHECK(report::nagios_code(with_only({Verdict::pass, Verdict::warn}, 0)) == 1);
    CHECK(report::nagios_code(with_only({Verdict::warn, Verdict::unknown}, 3)) == 3);
    CHECK(report::nagios_code(with_only({Verdict::warn}, 1)) == 2);  // --strict
    auto informed = with_only({Verdict::warn}, 0);
    informed.findings.erase(informed.findings.begin());  // clock-skew only informs
    REQUIRE(informed.findings.size() == 1);
    CHECK(report::nagios_code(informed) == 0);
    CHECK(report::show(informed, "nagios").starts_with("WARPSTEP OK - 2 GPUs must be replaced."));
    CHECK(report::show(with_only({Verdict::unknown}, 3), "nagios")
              .starts_with("WARPSTEP UNKNOWN - xid: n1: the kernel log"));
    CHECK(report::show(with_only({Verdict::warn}, 0), "nagios")
              .starts_with("WARPSTEP WARNING - cpus-few: rank 3 on n1: "));
}

TEST_CASE("report: text in a line for Nagios cannot end it or begin its figures") {
    const auto facts = test::awkward_check_facts();
    const std::string line = report::show(test::awkward_check(facts), "nagios");
    CHECK(std::count(line.begin(), line.end(), '\n') == 1);
    CHECK(std::count(line.begin(), line.end(), '|') == 1);
}

TEST_CASE("report: Nagios gets the slowest value of each probe") {
    const auto facts = test::broken_check_facts();
    const std::string line = report::show(test::broken_check(facts), "nagios");
    CHECK(line.find(" 'min gemm bf16'=6") != std::string::npos);
    CHECK(line.find(" 'min h2d near'=5") != std::string::npos);
}

TEST_CASE("report: an Xid that nobody knows is UNKNOWN for Nagios, with the kernel's line") {
    check::Facts facts = test::healthy_check_facts();
    REQUIRE(!facts.nodes.at(0).gpus.empty());
    auto& health = facts.nodes[0].gpus[0].health;
    const std::string words = "NVRM: Xid (PCI:0000:1b:00): 999, pid=7, something new";
    health.xids = std::vector<int>{999};
    health.xid_events = std::vector<check::XidEvent>{{999, "", "", words}};
    report::CheckReport report;
    report.findings = check::judge(facts, {check::find_rule("xid-hardware")}).findings;
    report.exit_code = static_cast<int>(check::exit_code_of(report.findings, false));
    CHECK(report::nagios_code(report) == 3);
    const std::string line = report::show(report, "nagios");
    CHECK(line.starts_with("WARPSTEP UNKNOWN - xid-hardware: "));
    CHECK(line.find(words) != std::string::npos);
    CHECK(line.find("journalctl -k --grep 'NVRM: Xid.*: 999,'") != std::string::npos);
    health.xid_events =
        std::vector<check::XidEvent>{{145, "Nonfatal", "", "145, RLW_CTRL Nonfatal XC0"}};
    health.xids = std::vector<int>{145};
    report.findings = check::judge(facts, {check::find_rule("xid-hardware")}).findings;
    report.exit_code = static_cast<int>(check::exit_code_of(report.findings, false));
    CHECK(report::nagios_code(report) == 1);
}
