// SPDX-License-Identifier: Apache-2.0
// The parts of the table for people. Private to this room.
#pragma once

#include <string>
#include <string_view>

#include "runtime/report/report.hpp"

namespace warpstep::report {

/// One line for each step: what it is, how long it took, what it moved and found. The params of a
/// matrix and the numbers that several steps share get columns of their own.
std::string step_table(const Report& report, bool colours);

/// One line for each check. Of many, only those that did not pass, and how many did: they are what
/// a reader looks for.
std::string verdict_table(const Report& report, bool colours);
/// " · 2 of 40 checks failed"; "" where there is nothing to count.
std::string checks_text(const Report& report);

/// The verdict's name in its colour.
std::string paint(std::string_view verdict, bool colours);
/// Not wider than a column can be, with "…" in the middle: ends differ where beginnings are alike.
std::string shortened(const std::string& text);

}  // namespace warpstep::report
