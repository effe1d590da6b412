// SPDX-License-Identifier: Apache-2.0
// `warpstep kernels`: what `run:` may name.
#include <fmt/format.h>
#include <unistd.h>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/operation_text.hpp"
#include "runtime/report/text_table.hpp"

namespace warpstep::cli {
namespace {

bool is_coloured() {
    return ::isatty(STDOUT_FILENO) == 1;
}

template <typename List>
std::vector<std::string> all_names(const List& list) {
    std::vector<std::string> names;
    for (const auto& entry : list) names.push_back(entry.name);
    return names;
}

int show_all() {
    report::TextTable table({{"run"}, {"computes"}, {"arguments"}});
    for (const auto& row : plan::operation_rows()) {
        table.add({row.name, row.summary, join(all_names(row.arguments), ", ")});
    }
    fmt::print("{}\nTypes, shapes, bytes, flops and an example of one: warpstep kernels NAME\n",
               table.text(is_coloured()));
    return 0;
}

std::string argument_table(const plan::OperationRow& row) {
    report::TextTable table({{"argument"}, {"role"}, {"types"}, {"shape"}, {"note"}});
    for (const auto& argument : row.arguments) {
        table.add({argument.name, std::string(role_of(argument)), argument.types,
                   shape_of(argument), note_of(row, argument)});
    }
    return table.empty() ? "no arguments\n" : table.text(is_coloured());
}

// "time (seconds), busbw (bytes/s; outside for_each, with several ranks), launches"
std::string metrics_line(const plan::OperationRow& row) {
    std::vector<std::string> all;
    for (const auto& metric : metrics_of(row)) {
        std::vector<std::string> facts;
        if (!(metric.unit == workload::no_unit)) facts.push_back(workload::show(metric.unit));
        if (const auto when = existence_of(metric); !when.empty()) facts.push_back(when);
        all.push_back(metric.name + (facts.empty() ? "" : " (" + join(facts, "; ") + ")"));
    }
    return fmt::format("metrics: {}\n", join(all, ", "));
}

std::string report_line(const plan::OperationRow& row) {
    if (row.kernel == nullptr || row.kernel->report.empty()) return "";
    return fmt::format("report: {}; each is a number of the step, for expect\n",
                       join(all_names(row.kernel->report), ", "));
}

int show_one(const plan::OperationRow& row) {
    fmt::print("{}: {}\n\n{}\n{}{}{}\n{}", row.name, row.summary, argument_table(row), cost_of(row),
               report_line(row), metrics_line(row), example_of(row));
    return 0;
}

}  // namespace

int kernels(const std::string& name) {
    if (name.empty()) return show_all();
    if (const auto* row = plan::find_operation(name)) return show_one(*row);
    fail<ConfigError>("no kernel '{}'{}", name,
                      suggestion(name, all_names(plan::operation_rows())));
}

int kernels_page() {
    fmt::print("{}", operations_page(plan::operation_rows()));
    return 0;
}

}  // namespace warpstep::cli
