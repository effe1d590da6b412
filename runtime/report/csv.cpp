// SPDX-License-Identifier: Apache-2.0
// One line for every step and metric, for people who plot. Source: RFC 4180, with line feeds.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "runtime/base/text.hpp"
#include "runtime/report/file_printer.hpp"
#include "runtime/report/format_texts.hpp"

namespace warpstep::report {
namespace {

using execution::JudgedStep;
using CsvRow = std::vector<std::string>;

std::string field(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
    return quoted + "\"";
}

std::string line(const CsvRow& row) {
    CsvRow fields;
    for (const auto& text : row) fields.push_back(field(valid_utf8(text)));
    return join(fields, ",") + "\n";
}

// Empty: not measured.
std::string csv_number(double value) {
    return std::isfinite(value) ? fmt::format("{}", value) : "";
}

// "1Ki" as 1024, so that it can be an axis of a plot; what is no number stays as it is written.
std::string plain_number(const std::string& text) {
    try {
        const auto expression = workload::Expression::parse(text);
        const auto& root = expression.root();
        if (root.kind != workload::Node::Kind::number || !root.value.is_number()) return text;
        return root.value.is_integer() ? std::to_string(std::get<0>(root.value.data))
                                       : csv_number(root.value.number());
    } catch (const Error&) {
        return text;
    }
}

class Csv {
  public:
    explicit Csv(const Report& report)
        : report_(report), axes_(matrix_axes(report.judgement.steps)) {}

    std::string operator()() {
        std::string text = header();
        text += of_run("start", report_.start_seconds) + of_run("run", report_.run_seconds);
        for (const auto& step : report_.judgement.steps) text += of_step(step);
        return text;
    }

  private:
    std::string header() const {
        CsvRow row{"workload", "verdict", "step"};
        for (const auto& axis : axes_) row.push_back("param_" + axis);
        row.insert(row.end(), {"run", "ranks", "launches", "metric", "unit", "median", "min", "max",
                               "p99", "stddev", "slowest_rank", "failure"});
        return line(row);
    }

    CsvRow begin_of(const std::string& step_name) const {
        const StepName name = split_step_name(step_name);
        CsvRow row{report_.workload, std::string(verdict_of(report_)), name.base};
        for (const auto& axis : axes_) {
            const auto it = std::find_if(name.params.begin(), name.params.end(),
                                         [&](const auto& param) { return param.first == axis; });
            row.push_back(it == name.params.end() ? "" : plain_number(it->second));
        }
        return row;
    }

    // The whole run has durations too; they are empty when it failed.
    std::string of_run(const std::string& what, double seconds) const {
        CsvRow row = begin_of("");
        row.insert(row.end(), {"", std::to_string(report_.ranks.size()), "", what, "s",
                               report_.failure ? "" : csv_number(seconds), "", "", "", "", "",
                               report_.failure.value_or("")});
        return line(row);
    }

    std::string of_step(const JudgedStep& step) const {
        CsvRow begin = begin_of(step.name);
        begin.insert(begin.end(),
                     {step.run, std::to_string(step.ranks), std::to_string(step.launches)});
        const auto with = [&](const CsvRow& rest) {
            CsvRow row = begin;
            row.insert(row.end(), rest.begin(), rest.end());
            return line(row);
        };
        std::string text;
        for (const auto& m : step.metrics) {
            text += with({m.name, std::string(unit_name(m.unit)), csv_number(m.median),
                          csv_number(m.min), csv_number(m.max), csv_number(m.first.p99),
                          csv_number(m.first.stddev), std::to_string(m.slowest_rank), ""});
        }
        for (const auto& [name, value] : step.numbers) {
            text += with({name, "", csv_number(value), "", "", "", "", "", ""});
        }
        return text.empty() ? with({"", "", "", "", "", "", "", "", ""}) : text;
    }

    const Report& report_;
    std::vector<std::string> axes_;
};

}  // namespace

std::string to_csv(const Report& report) {
    return Csv(report)();
}

std::unique_ptr<Printer> csv_printer(const std::string& path) {
    return std::make_unique<FilePrinter>(path, to_csv);
}

}  // namespace warpstep::report
