// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/file_printer.hpp"

#include <cstdio>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/text.hpp"

namespace warpstep::report {

FilePrinter::FilePrinter(std::string path, Format format)
    : path_(std::move(path)), format_(format) {}

void FilePrinter::print(const Report& report) {
    const std::string text = format_(report);
    if (path_ != "-") return write_file_atomically(path_, text);
    std::fwrite(text.data(), 1, text.size(), stdout);
    if (std::fflush(stdout) != 0) fail<EnvironmentError>("cannot write the report to stdout");
}

std::vector<std::unique_ptr<Printer>> printers(const workload::ReportRequest& request,
                                               const std::string& json_option) {
    std::vector<std::unique_ptr<Printer>> all;
    const auto& json = json_option.empty() ? request.json : json_option;
    if (!json.empty()) all.push_back(json_printer(json));
    if (!request.junit.empty()) all.push_back(junit_printer(request.junit));
    if (!request.csv.empty()) all.push_back(csv_printer(request.csv));
    if (!request.prometheus.empty()) all.push_back(prometheus_printer(request.prometheus));
    return all;
}

bool leaves_stdout(const workload::ReportRequest& request, const std::string& json_option) {
    const auto& json = json_option.empty() ? request.json : json_option;
    return json != "-" && request.junit != "-" && request.csv != "-" && request.prometheus != "-";
}

void print_all(const std::vector<std::unique_ptr<Printer>>& printers, const Report& report) {
    std::vector<std::string> problems;
    for (const auto& printer : printers) {
        try {
            printer->print(report);
        } catch (const Error& error) {
            problems.emplace_back(error.what());
        }
    }
    if (!problems.empty()) throw EnvironmentError(join(problems, "; "));
}

}  // namespace warpstep::report
