// SPDX-License-Identifier: Apache-2.0
// The words of the language that no file declares.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace warpstep::workload {

/// The values that every rank knows while a file runs: rank, ranks, device.kind, …
const std::vector<std::string>& reserved_names();
/// Those of reserved_names() that are texts rather than numbers.
const std::vector<std::string>& reserved_text_names();
/// select, min, max, …
const std::vector<std::string>& builtin_functions();
/// True for an identifier that a param, buffer, dataset or loop variable may not take.
bool is_reserved(std::string_view identifier);
/// Letters, digits and underscores, not starting with a digit.
bool is_identifier(std::string_view text);

}  // namespace warpstep::workload
