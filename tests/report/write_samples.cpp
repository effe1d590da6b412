// SPDX-License-Identifier: Apache-2.0
// write_samples FOLDER: reports in all formats, for formats_test.py to read as other programs
// would.
#include "runtime/report/printer.hpp"
#include "tests/support/sample_report.hpp"

using namespace warpstep;

namespace {

report::Report awkward_report() {
    auto report = test::sample_report();
    report.workload = "a \"quoted\", <marked> & back\\slashed\nname \x1b caf\xe9";
    report.judgement.steps.push_back(report.judgement.steps[0]);
    report.judgement.steps[1].name = "gemm [n=1Ki m=2]";
    report.judgement.verify[0].verdict = execution::Verdict::failed;
    report.judgement.verify[0].detail = "first a[0] = 1 (expected <2> & \"3\")";
    report.judgement.expectations[0].verdict = execution::Verdict::unknown;
    report.judgement.expectations[1].verdict = execution::Verdict::skipped;
    return report;
}

report::Report failed_report() {
    report::Report report;
    report.workload = "stream-triad";
    report.failure = "rank 1 on n2 died (signal 9); see what it printed";
    return report;
}

}  // namespace

int main(int, char** argv) {
    const std::string folder = argv[1];
    const auto write = [&](const std::string& name, const report::Report& report) {
        workload::ReportRequest request;
        request.json = folder + "/" + name + ".json";
        request.junit = folder + "/" + name + ".xml";
        request.csv = folder + "/" + name + ".csv";
        request.prometheus = folder + "/" + name + ".prom";
        report::print_all(report::printers(request, ""), report);
    };
    write("sample", test::sample_report());
    write("awkward", awkward_report());
    write("failed", failed_report());
}
