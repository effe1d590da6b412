// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "runtime/base/text.hpp"
#include "tests/check/healthy_step.hpp"
#include "tests/report/sample_check.hpp"

using namespace warpstep;

namespace {

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::size_t columns(const std::string& line) {
    std::size_t count = 0;
    for (const char c : line) count += (c & 0xc0) != 0x80 ? 1 : 0;
    return count;
}

}  // namespace

TEST_CASE("report: a check answers first, then says what fires by severity and what to type") {
    CHECK(report::show(test::small_check(), "text") == R"(2 GPUs must be replaced.

Errors
  remap-failed
    GPU-b, GPU-c on n1, n2: row remapping has failed
    > drain the node and replace the GPU

Warnings
  cpus-few
    rank 3 on n1: has 1 CPU of 14
      peers: median 14 of 16
    > srun -c 28 --mpi=pmix train

Information
  clock-skew
    the step: the clocks differ by 2 s
    > chronyc tracking

Unknown: could not be measured
  the kernel log is readable by root only: xid, n1

1 rules passed, 1 do not apply; --verbose lists them (full, 93.4 s, warpstep 0.1.0)
)");
}

TEST_CASE("report: a check that not all ranks joined says so next to the answer") {
    auto report = test::small_check();
    report.degraded_because = "no answer from n2 within 10 s";
    CHECK(report::show(report, "text")
              .starts_with("2 GPUs must be replaced.\n"
                           "not all ranks came together: no answer from n2 within 10 s\n\n"));
}

TEST_CASE("report: a verbose check lists every subject and what passed") {
    const std::string text = report::show(test::small_check(), "text", {false, true});
    CHECK(holds(text,
                "    GPU-b, GPU-c on n1, n2: row remapping has failed\n"
                "      GPU-b on n1: row remapping has failed\n"));
    CHECK(holds(text, "\nPassed\n  nvlink-down, GPU-b on n1: 18 of 18 links\n"));
    CHECK(holds(text, "\nDo not apply\n  mig-empty, the step: MIG is off\n"));
    CHECK_FALSE(holds(text, "--verbose"));
}

TEST_CASE("report: a failure by --fail-on stands among the errors") {
    auto report = test::small_check();
    report.findings.erase(report.findings.begin(), report.findings.begin() + 2);
    report.findings[0].verdict = check::Verdict::fail;
    const std::string text = report::show(report, "text");
    CHECK(holds(text, "\nErrors\n  cpus-few\n"));
    CHECK_FALSE(holds(text, "Warnings"));
}

TEST_CASE("report: no line of a check is longer than 100 columns but a command to copy") {
    auto report = test::small_check();
    report.findings[0].evidence = std::string(30, 'a') + " " + std::string(80, 'b') + " c";
    const std::string command = "srun " + std::string(120, 'x') + " y";
    report.findings[1].fix = command;
    const auto facts = test::broken_check_facts();
    for (const auto& one : {report, test::broken_check(facts)}) {
        for (const bool verbose : {false, true}) {
            for (const std::string& line :
                 split(report::show(one, "text", {false, verbose}), '\n')) {
                const bool is_command =
                    line.starts_with("    > s") || line.starts_with("    > nvidia-smi ");
                INFO(line);
                CHECK((columns(line) <= 100 || is_command));
            }
        }
    }
    CHECK(holds(report::show(report, "text"), "    > " + command + "\n"));
}

TEST_CASE("report: a check shows the measurements of each GPU and marks the outlier") {
    const auto facts = test::broken_check_facts();
    const std::string text = report::show(test::broken_check(facts), "text");
    bool marked = false;
    for (const std::string& line : split(text, '\n')) {
        if (line.starts_with("  n1  ") && holds(line, "  5 ")) marked = marked || holds(line, "*");
        if (line.starts_with("  n2  ")) CHECK_FALSE(holds(line, "*"));
    }
    CHECK(marked);
    CHECK(holds(text, "* beyond the outlier line of its peers"));
    CHECK(holds(text, "h2d near, GPU 6 on n2: not measured (did not end within 20 s)\n"));
    CHECK(holds(text, "all_reduce 1 GiB"));
    const auto healthy = test::healthy_check_facts();
    CHECK_FALSE(holds(report::show(test::healthy_check(healthy), "text"), "*"));
}

TEST_CASE("report: a thousand GPUs with the same trouble are one line of a check") {
    auto report = test::small_check();
    for (int i = 0; i < 1000; ++i) {
        auto finding = report.findings[0];
        finding.subject.node = "n" + std::to_string(i / 8 + 3);
        finding.subject.gpu_uuid = "GPU-" + std::to_string(i);
        report.findings.push_back(finding);
    }
    CHECK(
        holds(report::show(report, "text"),
              "    1002 GPUs on n1, n2, n3, n4, n5, n6 and 121 more: row remapping has failed\n"));
    CHECK(split(report::show(report, "text"), '\n').size() < 30);
}

TEST_CASE("report: colours of a check only where they are wanted") {
    CHECK(holds(report::show(test::small_check(), "text", {true, false}), "\x1b[1;31m"));
    CHECK_FALSE(holds(report::show(test::small_check(), "text"), "\x1b"));
}

TEST_CASE("report: an unknown format of a check is bad input") {
    CHECK_THROWS_WITH(report::show(test::small_check(), "jsn"),
                      "no format 'jsn'; did you mean 'json'?");
}
