// SPDX-License-Identifier: Apache-2.0
// What the report for a terminal is put together from. Private to this room.
#pragma once

#include <string>
#include <string_view>

#include "runtime/report/check_report.hpp"

namespace warpstep::report {

/// Broken at blanks so that no line is longer than 100 columns, if its words let it; one line end
/// at the end. The first line begins with `first`, the others with `rest`.
std::string wrapped(std::string_view text, std::string_view first, std::string_view rest);

/// Begins with a command: what follows it may be a sentence.
bool begins_with_command(std::string_view line);
/// A line to be typed as it stands: no word outside of quotes is one of a sentence.
bool is_command(std::string_view line);

/// A blank line and the measurements: a row for each GPU, then pairs and groups; "" without any.
std::string check_text_measurements(const check::Facts& facts, CheckStyle style);

}  // namespace warpstep::report
