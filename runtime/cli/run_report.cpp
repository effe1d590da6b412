// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/run_report.hpp"

#include "runtime/base/log.hpp"
#include "runtime/cli/library_versions.hpp"
#include "runtime/report/printer.hpp"

namespace warpstep::cli {

report::Report new_report(const workload::Workload& workload, const step::Step& step) {
    report::Report report;
    report.workload = workload.name;
    report.description = workload.description;
    report.path = workload.path;
    report.hash = workload.hash;
    report.job = step.job_id;
    report.step = step.step_id;
    report.nodes = step.nodes();
    report.versions = library_versions();
    return report;
}

void print_report(const report::Report& report, const workload::ReportRequest& request,
                  const RunOptions& options) {
    if (report::leaves_stdout(request, options.json)) report::table_printer()->print(report);
    report::print_all(report::printers(request, options.json), report);
}

void report_failure(const RunOptions& options, const Preparation* ready, const step::Step& step,
                    const std::string& why, int code) {
    if (step.rank != 0) return;
    workload::Workload unread;
    unread.path = options.file;
    const workload::Workload& workload = ready == nullptr ? unread : ready->workload;
    report::Report report = new_report(workload, step);
    report.failure = why;
    report.exit_code = static_cast<ExitCode>(code);
    try {
        report::print_all(report::printers(workload.report, options.json), report);
    } catch (const Error& error) {
        // The report that cannot be written may be the very failure, which has been said.
        if (why != error.what()) log::error(error.what());
    }
}

}  // namespace warpstep::cli
