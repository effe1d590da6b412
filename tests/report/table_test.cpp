// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "runtime/report/printer.hpp"
#include "tests/support/sample_report.hpp"

using namespace warpstep;

namespace {

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("report: the table of a small report") {
    CHECK(report::to_table(test::sample_report(), false) ==
          R"(stream-triad · 2 ranks on 2 nodes · cuda device · nccl 2.28.9 · job 17.0

rank  node  local  GPU           UUID          CPU count  CPUs  NUMA  note
   0  n1        0  0000:1b:00.0  GPU-12345678          4  0-3      0
   1  n2        0  0000:1b:00.0  GPU-12345678          2  8,10     0  far from its GPU

step   run           runs     time  fastest rank      slowest rank  bandwidth  result
triad  stream.triad   100  2.00 ms       1.00 ms  4.00 ms (rank 1)  4.00 TB/s  mse n/a  r2 0.5

verdict  step   what                       value           where
passed   triad  a equals b                 within 0.5 ulp
failed   triad  bandwidth.median >= 4TB/s  3.90 TB/s       rank 1 on n2
passed          true                       true

w = [1, 0.25, nan]

failed · 1 of 3 checks failed · start 500 ms · run 2.00 s
)");
}

TEST_CASE("report: the params of a matrix and numbers of several steps are columns") {
    auto report = test::sample_report();
    report.judgement.verify.clear();
    report.judgement.expectations.clear();
    report.values.clear();
    auto step = report.judgement.steps[0];
    step.metrics.resize(1);
    step.run = "gemm";
    step.name = "multiply [n=1Ki m=2]";
    step.numbers = {{"errors", 0}, {"critical_path", 0.0015}};
    report.judgement.steps = {step, step};
    report.judgement.steps[1].name = "multiply [n=256Ki m=16]";
    report.judgement.steps[1].numbers = {{"errors", 12}};
    const std::string table = report::to_table(report, false);
    const auto begin = table.find("step  ");
    CHECK(
        table.substr(begin, table.find("\n\n", begin) - begin) ==
        R"(step          n   m  run   runs     time  fastest rank      slowest rank  critical_path  errors
multiply    1Ki   2  gemm   100  2.00 ms       1.00 ms  4.00 ms (rank 1)        1.50 ms       0
multiply  256Ki  16  gemm   100  2.00 ms       1.00 ms  4.00 ms (rank 1)                     12)");
}

TEST_CASE("report: of many checks, those that passed are only counted") {
    auto report = test::sample_report();
    auto& checks = report.judgement.expectations;
    for (int i = 0; i < 38; ++i) checks.push_back(checks[1]);
    checks.back().verdict = execution::Verdict::skipped;
    const std::string table = report::to_table(report, false);
    CHECK(holds(table, R"(
verdict  step   what                       value      where
failed   triad  bandwidth.median >= 4TB/s  3.90 TB/s  rank 1 on n2
… 39 passed, 1 skipped; --json shows all
)"));
    CHECK(holds(table, "failed · 1 of 41 checks failed · start"));
    checks[0].verdict = execution::Verdict::passed;
    const std::string passed = report::to_table(report, false);
    CHECK(holds(passed, "\n\n… 40 passed, 1 skipped; --json shows all\n\n"));
    CHECK_FALSE(holds(passed, "checks failed"));
}

TEST_CASE("report: a long name of a step is cut in the middle, at a character") {
    auto report = test::sample_report();
    report.judgement.steps[0].name =
        "gradient-of-the-first-layer-with-ünicode-and-more-ending-in-reduce";
    const std::string table = report::to_table(report, false);
    CHECK(holds(table, "\ngradient-of-the-first-l…nd-more-ending-in-reduce  stream.triad"));
    CHECK(holds(table, "\nstep                                              run  "));
}

TEST_CASE("report: one rank shows its own samples and no communicator") {
    auto report = test::sample_report();
    report.ranks.resize(1);
    report.nodes = 1;
    report.job.clear();
    const std::string table = report::to_table(report, false);
    CHECK(table.starts_with("stream-triad · 1 rank on 1 node · cuda device\n"));
    CHECK(holds(table, "  min  "));
    CHECK_FALSE(holds(table, "slowest rank"));
    CHECK(holds(table, "2.00 ms  1.00 ms  3.00 ms"));
}

TEST_CASE("report: a long list of ranks is cut and says so") {
    auto report = test::sample_report();
    report.ranks.resize(66, report.ranks[0]);
    const std::string table = report::to_table(report, false);
    CHECK(holds(table, "… 2 ranks more; --json shows all\n"));
    CHECK(holds(table, "66 ranks on 2 nodes"));
}

TEST_CASE("report: a failure ends the table with its reason and exit code") {
    report::Report report;
    report.workload = "triad";
    report.device = "host";
    report.failure = "rank 1 died";
    CHECK(report::to_table(report, false) ==
          "triad · 0 ranks on 1 node · host device\n\nunknown: rank 1 died (exit code 3)\n");
}

TEST_CASE("report: a failed verification is not said to be within its error") {
    auto report = test::sample_report();
    report.judgement.verify[0].verdict = execution::Verdict::failed;
    const std::string table = report::to_table(report, false);
    CHECK(holds(table, "off by 0.5 ulp"));
    CHECK_FALSE(holds(table, "within"));
}

TEST_CASE("report: verdicts are coloured only when asked for") {
    const auto report = test::sample_report();
    CHECK_FALSE(holds(report::to_table(report, false), "\x1b"));
    const std::string coloured = report::to_table(report, true);
    CHECK(holds(coloured, "\x1b[31mfailed\x1b[0m"));
    CHECK(holds(coloured, "\x1b[32mpassed\x1b[0m"));
}

TEST_CASE("report: a step that ran nowhere says so, a simulated node too") {
    auto report = test::sample_report();
    report.judgement.steps[0].ranks = 0;
    report.judgement.steps[0].metrics.clear();
    report.simulated = true;
    const std::string table = report::to_table(report, false);
    CHECK(holds(table, "not run"));
    CHECK(holds(table, "simulated topology, nothing bound"));
}

TEST_CASE("report: a long note of several ranks stands once, below them") {
    auto report = test::sample_report();
    report.ranks.resize(3, report.ranks[0]);
    report.ranks[0].notes = report.ranks[2].notes = {"remote: its GPU is near NUMA node 3"};
    const std::string table = report::to_table(report, false);
    CHECK(holds(table, "0-3      0  [1]\n"));
    CHECK(holds(table, "8,10     0  far from its GPU\n"));
    CHECK(holds(table, "0-3      0  [1]\n[1] remote: its GPU is near NUMA node 3\n\nstep"));
}
