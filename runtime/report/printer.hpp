// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/report/report.hpp"

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
/// Version 1 of the JSON report to a file (written beside it and renamed) or, for "-", to stdout.
std::unique_ptr<Printer> json_printer(const std::string& path);

/// The texts that the printers write.
std::string to_table(const Report& report, bool colours);
std::string to_json(const Report& report);

}  // namespace warpstep::report
