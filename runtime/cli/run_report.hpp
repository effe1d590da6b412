// SPDX-License-Identifier: Apache-2.0
// What `run` says at its end.
#pragma once

#include <string>

#include "runtime/cli/options.hpp"
#include "runtime/cli/prepare.hpp"
#include "runtime/report/report.hpp"

namespace warpstep::cli {

/// A report with what is known before anything ran.
report::Report new_report(const workload::Workload& workload, const step::Step& step);

/// The table and every file that the workload and the command line ask for. Errors:
/// EnvironmentError that names what could not be written.
void print_report(const report::Report& report, const workload::ReportRequest& request,
                  const RunOptions& options);

/// A run without a verdict still leaves the reports that were asked for. `ready`: nullptr when the
/// workload could not be read. Says what cannot be written; never throws an Error.
void report_failure(const RunOptions& options, const Preparation* ready, const step::Step& step,
                    const std::string& why, int code);

}  // namespace warpstep::cli
