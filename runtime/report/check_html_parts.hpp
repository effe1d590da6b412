// SPDX-License-Identifier: Apache-2.0
// The parts of the page of `warpstep check`. Private to this room.
#pragma once

#include <string>
#include <string_view>

#include "runtime/report/check_report.hpp"

namespace warpstep::report {

/// How the page shows a verdict: a class of its style sheet, a word, a sign for those who cannot
/// tell the colours apart.
struct Badge {
    std::string_view style, word, sign;
};
Badge badge_of(check::Verdict verdict);
/// A WARN of a rule that only informs is INFO.
Badge badge_of(const check::Finding& finding);

extern const char* const check_html_css;     ///< of the page, light and dark
extern const char* const check_html_script;  ///< filters findings, copies fixes

/// The nodes with their NUMA nodes, GPUs in the colour of their verdict, ranks and adapters.
std::string check_html_picture(const CheckReport& report);

/// A strip for each probe: a dot for each GPU, median, outlier line and floor; "" without any.
std::string check_html_measurements(const check::Facts& facts);

}  // namespace warpstep::report
