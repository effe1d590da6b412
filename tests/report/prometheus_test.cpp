// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "runtime/base/file.hpp"
#include "runtime/report/printer.hpp"
#include "tests/support/sample_report.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;

namespace {

constexpr const char* of_sample = R"end(# HELP warpstep_verdict 1 for the verdict of the last run.
# TYPE warpstep_verdict gauge
warpstep_verdict{workload="stream-triad",verdict="passed"} 0
warpstep_verdict{workload="stream-triad",verdict="failed"} 1
warpstep_verdict{workload="stream-triad",verdict="unknown"} 0
warpstep_verdict{workload="stream-triad",verdict="no verdict"} 0
# HELP warpstep_exit_code Exit code that all ranks agreed on.
# TYPE warpstep_exit_code gauge
warpstep_exit_code{workload="stream-triad"} 1
# HELP warpstep_info What ran, as labels; always 1.
# TYPE warpstep_info gauge
warpstep_info{workload="stream-triad",device="cuda",communicator="nccl 2.28.9",job="17",hash="af63dc4c8601ec8c",version="0.1.0"} 1
# HELP warpstep_ranks Ranks of the run.
# TYPE warpstep_ranks gauge
warpstep_ranks{workload="stream-triad"} 2
# HELP warpstep_nodes Nodes of the run.
# TYPE warpstep_nodes gauge
warpstep_nodes{workload="stream-triad"} 2
# HELP warpstep_start_duration_seconds From the start of rank 0's process to the first step.
# TYPE warpstep_start_duration_seconds gauge
warpstep_start_duration_seconds{workload="stream-triad"} 0.5
# HELP warpstep_run_duration_seconds Duration of all steps.
# TYPE warpstep_run_duration_seconds gauge
warpstep_run_duration_seconds{workload="stream-triad"} 2
# HELP warpstep_checks Verify rules and expectations by verdict.
# TYPE warpstep_checks gauge
warpstep_checks{workload="stream-triad",verdict="passed"} 2
warpstep_checks{workload="stream-triad",verdict="failed"} 1
warpstep_checks{workload="stream-triad",verdict="failed (allowed)"} 0
warpstep_checks{workload="stream-triad",verdict="skipped"} 0
warpstep_checks{workload="stream-triad",verdict="unknown"} 0
# HELP warpstep_step_ranks Ranks that ran the step.
# TYPE warpstep_step_ranks gauge
warpstep_step_ranks{workload="stream-triad",step="triad"} 2
# HELP warpstep_step_launches Launches on each of them.
# TYPE warpstep_step_launches gauge
warpstep_step_launches{workload="stream-triad",step="triad"} 100
# HELP warpstep_step_time_seconds Per launch; median, min and max over the ranks' medians, p99 and stddev of the first rank.
# TYPE warpstep_step_time_seconds gauge
warpstep_step_time_seconds{workload="stream-triad",step="triad",stat="median"} 0.002
warpstep_step_time_seconds{workload="stream-triad",step="triad",stat="min"} 0.001
warpstep_step_time_seconds{workload="stream-triad",step="triad",stat="max"} 0.004
warpstep_step_time_seconds{workload="stream-triad",step="triad",stat="p99"} 0.003
# HELP warpstep_step_bandwidth_bytes_per_second Per launch; median, min and max over the ranks' medians, p99 and stddev of the first rank.
# TYPE warpstep_step_bandwidth_bytes_per_second gauge
warpstep_step_bandwidth_bytes_per_second{workload="stream-triad",step="triad",stat="median"} 4000000000000
warpstep_step_bandwidth_bytes_per_second{workload="stream-triad",step="triad",stat="min"} 3900000000000
warpstep_step_bandwidth_bytes_per_second{workload="stream-triad",step="triad",stat="max"} 4100000000000
warpstep_step_bandwidth_bytes_per_second{workload="stream-triad",step="triad",stat="p99"} 4000000000000
warpstep_step_bandwidth_bytes_per_second{workload="stream-triad",step="triad",stat="stddev"} 0
# HELP warpstep_step_number What the operation itself found, such as mse.
# TYPE warpstep_step_number gauge
warpstep_step_number{workload="stream-triad",step="triad",name="r2"} 0.5
)end";

constexpr const char* of_failure = R"end(# HELP warpstep_verdict 1 for the verdict of the last run.
# TYPE warpstep_verdict gauge
warpstep_verdict{workload="say \"a\\b\"\n",verdict="passed"} 0
warpstep_verdict{workload="say \"a\\b\"\n",verdict="failed"} 0
warpstep_verdict{workload="say \"a\\b\"\n",verdict="unknown"} 0
warpstep_verdict{workload="say \"a\\b\"\n",verdict="no verdict"} 1
# HELP warpstep_exit_code Exit code that all ranks agreed on.
# TYPE warpstep_exit_code gauge
warpstep_exit_code{workload="say \"a\\b\"\n"} 3
# HELP warpstep_info What ran, as labels; always 1.
# TYPE warpstep_info gauge
warpstep_info{workload="say \"a\\b\"\n",device="",communicator="",job="",hash="",version=""} 1
)end";

}  // namespace

TEST_CASE("report: Prometheus gets a family for every metric, in base units, without NaN") {
    CHECK(report::to_prometheus(test::sample_report()) == of_sample);
}

TEST_CASE("report: Prometheus hears of a run without verdict, and of nothing it did not do") {
    report::Report report;
    report.workload = "say \"a\\b\"\n";
    report.failure = "rank 1 died";
    CHECK(report::to_prometheus(report) == of_failure);
}

TEST_CASE("report: a rate of operations is named once") {
    auto report = test::sample_report();
    auto& metrics = report.judgement.steps[0].metrics;
    metrics = {{"flops", workload::unit_flops_per_second, {1, 1, 1, 1, 0}, 1, 1, 1, 0}};
    CHECK(report::to_prometheus(report).find("warpstep_step_flops_per_second{") !=
          std::string::npos);
}

TEST_CASE("report: the Prometheus printer writes one file") {
    const test::TemporaryFolder folder;
    const auto report = test::sample_report();
    report::prometheus_printer(folder / "report.prom")->print(report);
    CHECK(read_file(folder / "report.prom") == report::to_prometheus(report));
    CHECK(folder.entries() == 1);
}
