// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/report/report.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::report {

/// One way to say a report. Called once, on rank 0.
class Printer {
  public:
    virtual ~Printer() = default;
    /// Errors: EnvironmentError when the place cannot be written.
    virtual void print(const Report& report) = 0;
};

/// The table for people, on stdout; colours only on a terminal.
std::unique_ptr<Printer> table_printer();

/// The others write one text to a file (beside it, then renamed) or, for the path "-", to stdout.
/// docs/report.md shows what each looks like.
std::unique_ptr<Printer> json_printer(const std::string& path);
std::unique_ptr<Printer> junit_printer(const std::string& path);
std::unique_ptr<Printer> csv_printer(const std::string& path);
std::unique_ptr<Printer> prometheus_printer(const std::string& path);

/// Those that `report:` and --json ask for, without the table; --json wins over `report.json`.
std::vector<std::unique_ptr<Printer>> printers(const workload::ReportRequest& request,
                                               const std::string& json_option);
/// Whether none of them writes to stdout, so that the table may.
bool leaves_stdout(const workload::ReportRequest& request, const std::string& json_option);
/// Prints with all of them, whatever happens to one. Errors: EnvironmentError that names every path
/// that could not be written.
void print_all(const std::vector<std::unique_ptr<Printer>>& printers, const Report& report);

/// The texts that the printers write.
std::string to_table(const Report& report, bool colours);
std::string to_json(const Report& report);
/// `timestamp`: when the run began, in UTC, "2026-01-31T12:00:00".
std::string to_junit(const Report& report, std::string_view timestamp);
std::string to_csv(const Report& report);
std::string to_prometheus(const Report& report);

}  // namespace warpstep::report
