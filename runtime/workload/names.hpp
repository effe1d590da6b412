// SPDX-License-Identifier: Apache-2.0
// The words of the language that no file declares.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/workload/metrics.hpp"

namespace warpstep::workload {

/// A value that every rank knows while a file runs.
struct ReservedName {
    std::string_view name;     ///< "device.kind"
    bool is_text = false;      ///< a text rather than a number
    std::string_view meaning;  ///< one line
    Unit unit = no_unit;
};
const std::vector<ReservedName>& reserved();
/// nullptr when there is none of that name.
const ReservedName* find_reserved(std::string_view name);
/// The names alone: rank, ranks, device.kind, …
const std::vector<std::string>& reserved_names();
/// Those of reserved_names() that are texts rather than numbers.
const std::vector<std::string>& reserved_text_names();

/// `<dataset>.rows` and so on, in expectations.
struct DatasetName {
    std::string_view name, meaning;
};
const std::vector<DatasetName>& dataset_names();

/// The functions of expectations, beside the builtin ones.
struct ExpectationFunction {
    std::string_view name, usage, meaning;
};
const std::vector<ExpectationFunction>& expectation_functions();

/// select, min, max, …
const std::vector<std::string>& builtin_functions();
/// True for an identifier that a param, buffer, dataset or loop variable may not take.
bool is_reserved(std::string_view identifier);
/// Letters, digits and underscores, not starting with a digit.
bool is_identifier(std::string_view text);

}  // namespace warpstep::workload
