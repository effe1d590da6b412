// SPDX-License-Identifier: Apache-2.0
#include <fmt/chrono.h>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/report/check_formats.hpp"

namespace warpstep::report {

std::string show(const CheckReport& report, const std::string& format, CheckStyle style) {
    if (format == "text") return check_text(report, style);
    if (format == "json") return check_json(report);
    if (format == "junit") return check_junit(report);
    if (format == "prometheus") return check_prometheus(report);
    if (format == "html") return check_html(report);
    if (format == "nagios") return check_nagios(report);
    fail<ConfigError>(
        "no format '{}'{}", format,
        suggestion(format, {"text", "json", "junit", "prometheus", "html", "nagios"}));
}

std::string utc(std::time_t date) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(date));
}

}  // namespace warpstep::report
