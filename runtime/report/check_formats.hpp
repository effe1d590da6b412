// SPDX-License-Identifier: Apache-2.0
// The formats of `warpstep check`, one function each. Private to this room.
#pragma once

#include <ctime>
#include <string>

#include "runtime/report/check_report.hpp"

namespace warpstep::report {

std::string check_text(const CheckReport& report, CheckStyle style);
std::string check_json(const CheckReport& report);        ///< schema warpstep.check/1
std::string check_junit(const CheckReport& report);       ///< for CI servers
std::string check_prometheus(const CheckReport& report);  ///< for node_exporter's textfiles
std::string check_html(const CheckReport& report);        ///< one file that needs nothing else
std::string check_nagios(const CheckReport& report);      ///< one line

/// "2026-01-31T12:00:00Z"
std::string utc(std::time_t date);

}  // namespace warpstep::report
