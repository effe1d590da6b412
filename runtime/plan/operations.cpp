// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/operations.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/plan/kernel_check.hpp"
#include "runtime/plan/operation_entries.hpp"

namespace warpstep::plan {
namespace {

using kernels::Parameter;
using workload::OperationSignature;
using Role = OperationArgument::Role;

Role role_of(Parameter::Role role) {
    switch (role) {
        case Parameter::Role::read:
            return Role::read;
        case Parameter::Role::write:
            return Role::write;
        case Parameter::Role::update:
            return Role::update;
        case Parameter::Role::value:
            return Role::value;
        case Parameter::Role::word:
            break;
    }
    return Role::word;
}

OperationArgument argument_of(const Parameter& parameter) {
    OperationArgument argument{parameter.name,   role_of(parameter.role), !parameter.optional,
                               parameter.types,  parameter.shape,         parameter.note,
                               parameter.example};
    argument.words = parameter.words;
    if (parameter.role == Parameter::Role::value && parameter.optional) {
        argument.note += fmt::format("{}default {}", argument.note.empty() ? "" : "; ",
                                     parameter.default_number);
    }
    return argument;
}

// A kernel over rows takes them as one argument, `data`, or as two buffers x and y.
void add_batch(OperationRow& row) {
    for (auto& argument : row.arguments) {
        if (argument.name == "x" || argument.name == "y") argument.required = false;
    }
    OperationArgument data{"data", Role::dataset, false, "f32"};
    data.note = "a batch, instead of x and y";
    row.arguments.push_back(std::move(data));
}

workload::Metric plain(const kernels::ReportedNumber& number) {
    workload::Metric metric{number.name};
    metric.meaning = number.meaning;
    return metric;
}

OperationRow row_of(const kernels::Kernel& kernel) {
    OperationRow row{kernel.name, kernel.summary, kernel.bytes_formula, kernel.flops_formula};
    row.kernel = &kernel;
    row.check = check_kernel;
    if (row.bytes != "0") row.rates.push_back(workload::metric_of("bandwidth"));
    if (row.flops != "0") row.rates.push_back(workload::metric_of("flops"));
    for (const auto& number : kernel.report) row.numbers.push_back(plain(number));
    for (const auto& parameter : kernel.parameters) row.arguments.push_back(argument_of(parameter));
    if (kernel.over_rows) add_batch(row);
    return row;
}

OperationSignature signature_of(const OperationRow& row) {
    OperationSignature signature{row.name, {}, {}, {}};
    for (const auto& argument : row.arguments) {
        (argument.required ? signature.required : signature.optional).push_back(argument.name);
        if (argument.role == Role::word) signature.words.emplace(argument.name, argument.words);
        if (argument.role == Role::text) signature.texts.push_back(argument.name);
    }
    signature.collective = row.collective;
    signature.needs_host = row.needs_host;
    for (const auto& rate : row.rates) signature.rates.push_back(rate.name);
    for (const auto& number : row.numbers) signature.numbers.push_back(number.name);
    return signature;
}

std::vector<OperationRow> make_rows() {
    std::vector<OperationRow> rows = runtime_operations();
    for (auto& row : collective_operations()) rows.push_back(std::move(row));
    for (const auto& kernel : kernels::catalog()) rows.push_back(row_of(kernel));
    std::sort(rows.begin(), rows.end(),
              [](const OperationRow& a, const OperationRow& b) { return a.name < b.name; });
    return rows;
}

}  // namespace

const std::vector<OperationRow>& operation_rows() {
    static const std::vector<OperationRow> rows = make_rows();
    return rows;
}

const OperationRow* find_operation(const std::string& name) {
    const auto& rows = operation_rows();
    const auto it = std::lower_bound(
        rows.begin(), rows.end(), name,
        [](const OperationRow& row, const std::string& wanted) { return row.name < wanted; });
    return it == rows.end() || it->name != name ? nullptr : &*it;
}

const std::vector<OperationSignature>& operations() {
    static const std::vector<OperationSignature> all = [] {
        std::vector<OperationSignature> signatures;
        for (const OperationRow& row : operation_rows()) signatures.push_back(signature_of(row));
        return signatures;
    }();
    return all;
}

std::vector<workload::Metric> metrics_of(const OperationRow& row) {
    std::vector<workload::Metric> all{workload::metric_of("time")};
    all.insert(all.end(), row.rates.begin(), row.rates.end());
    all.insert(all.end(), row.numbers.begin(), row.numbers.end());
    all.push_back(workload::metric_of("launches"));
    return all;
}

bool is_collective(const std::string& run) {
    const OperationRow* row = find_operation(run);
    return row != nullptr && row->collective;
}

std::vector<std::string> collective_buffers(const workload::Step& step) {
    std::vector<std::string> names;
    const OperationRow* row = find_operation(step.run);
    // A group's ranks cannot allocate together without the others.
    if (row == nullptr || !row->together || step.group) return names;
    for (const auto& argument : row->arguments) {
        const auto it = step.with.find(argument.name);
        if (argument.is_buffer() && it != step.with.end()) {
            names.push_back(it->second.value.root().text);
        }
    }
    return names;
}

std::set<std::string> collective_buffers(const std::vector<workload::Step>& steps) {
    std::set<std::string> names;
    for (const auto& step : steps) {
        for (auto& name : collective_buffers(step)) names.insert(std::move(name));
        names.merge(collective_buffers(step.steps));
    }
    return names;
}

}  // namespace warpstep::plan
