// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "runtime/base/file.hpp"
#include "runtime/report/printer.hpp"
#include "tests/support/sample_report.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;

TEST_CASE("report: CSV has a line for every metric and number of every step") {
    CHECK(
        report::to_csv(test::sample_report()) ==
        R"(workload,verdict,step,run,ranks,launches,metric,unit,median,min,max,p99,stddev,slowest_rank,failure
stream-triad,failed,,,2,,start,s,0.5,,,,,,
stream-triad,failed,,,2,,run,s,2,,,,,,
stream-triad,failed,triad,stream.triad,2,100,time,s,0.002,0.001,0.004,0.003,,1,
stream-triad,failed,triad,stream.triad,2,100,bandwidth,B/s,4000000000000,3900000000000,4100000000000,4000000000000,0,1,
stream-triad,failed,triad,stream.triad,2,100,mse,,,,,,,,
stream-triad,failed,triad,stream.triad,2,100,r2,,0.5,,,,,,
)");
}

TEST_CASE("report: in CSV the params of a matrix are columns of plain numbers") {
    auto report = test::sample_report();
    report.judgement.steps.resize(2, report.judgement.steps[0]);
    for (auto& step : report.judgement.steps) step.metrics.clear();
    report.judgement.steps[0].name = "gemm [n=1Ki op=sum]";
    report.judgement.steps[0].numbers = {{"errors", 0}};
    report.judgement.steps[1].name = "check";
    report.judgement.steps[1].numbers.clear();
    CHECK(
        report::to_csv(report) ==
        R"(workload,verdict,step,param_n,param_op,run,ranks,launches,metric,unit,median,min,max,p99,stddev,slowest_rank,failure
stream-triad,failed,,,,,2,,start,s,0.5,,,,,,
stream-triad,failed,,,,,2,,run,s,2,,,,,,
stream-triad,failed,gemm,1024,sum,stream.triad,2,100,errors,,0,,,,,,
stream-triad,failed,check,,,stream.triad,2,100,,,,,,,,,
)");
}

TEST_CASE("report: CSV quotes what holds commas, quotes or line ends") {
    report::Report report;
    report.workload = "a,b";
    report.failure = "say \"n\"\nor else";
    CHECK(
        report::to_csv(report) ==
        R"(workload,verdict,step,run,ranks,launches,metric,unit,median,min,max,p99,stddev,slowest_rank,failure
"a,b",no verdict,,,0,,start,s,,,,,,,"say ""n""
or else"
"a,b",no verdict,,,0,,run,s,,,,,,,"say ""n""
or else"
)");
}

TEST_CASE("report: the CSV printer writes one file") {
    const test::TemporaryFolder folder;
    const auto report = test::sample_report();
    report::csv_printer(folder / "report.csv")->print(report);
    CHECK(read_file(folder / "report.csv") == report::to_csv(report));
    CHECK(folder.entries() == 1);
}
