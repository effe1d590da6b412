// SPDX-License-Identifier: Apache-2.0
// Words and texts that the machine-readable reports share. Private to this room.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "runtime/report/report.hpp"

namespace warpstep::report {

/// "s", "B", "B/s", "FLOP/s"; "" for plain numbers.
std::string_view unit_name(const workload::Unit& unit);

/// Every word that verdict_of() may say of a run or a check, in the order in which reports list
/// them.
inline constexpr std::array<std::string_view, 6> verdict_names{
    "passed", "failed", "failed (allowed)", "skipped", "unknown", "no verdict"};

/// "passed", "failed", …, or "no verdict" for a run that has failed without one.
std::string_view verdict_of(const Report& report);

/// A failure that was allowed to happen (`continue_on_error`).
bool is_allowed_failure(execution::Verdict verdict);

/// The text with U+FFFD in place of every byte that is no UTF-8.
std::string valid_utf8(std::string_view text);

/// A name of a step taken apart: "gemm [n=1Ki m=2]" is "gemm" with n = 1Ki and m = 2.
struct StepName {
    std::string base;
    std::vector<std::pair<std::string, std::string>> params;
};
StepName split_step_name(const std::string& name);
/// The names of the params of all steps, in the order in which they first appear.
std::vector<std::string> matrix_axes(const std::vector<execution::JudgedStep>& steps);

}  // namespace warpstep::report
