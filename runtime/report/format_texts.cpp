// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/format_texts.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/base/text.hpp"

namespace warpstep::report {

std::string_view unit_name(const workload::Unit& unit) {
    if (unit == workload::unit_seconds) return "s";
    if (unit == workload::unit_bytes) return "B";
    if (unit == workload::unit_bytes_per_second) return "B/s";
    if (unit == workload::unit_flops_per_second) return "FLOP/s";
    return "";
}

std::string_view verdict_of(const Report& report) {
    return report.failure ? "no verdict" : execution::name_of(report.judgement.verdict);
}

bool is_allowed_failure(execution::Verdict verdict) {
    return execution::name_of(verdict) == "failed (allowed)";
}

std::string valid_utf8(std::string_view text) {
    using nlohmann::json;
    const std::string repaired =
        json(std::string(text)).dump(-1, ' ', false, json::error_handler_t::replace);
    return json::parse(repaired).get<std::string>();
}

StepName split_step_name(const std::string& name) {
    const auto open = name.find(" [");
    if (open == std::string::npos || name.back() != ']') return {name, {}};
    StepName result{name.substr(0, open), {}};
    for (const auto& piece : split(name.substr(open + 2, name.size() - open - 3), ' ')) {
        const auto equals = piece.find('=');
        if (equals != std::string::npos) {
            result.params.emplace_back(piece.substr(0, equals), piece.substr(equals + 1));
        } else if (!result.params.empty()) {
            result.params.back().second += " " + piece;  // a value with blanks in it
        } else {
            return {name, {}};
        }
    }
    return result;
}

std::vector<std::string> matrix_axes(const std::vector<execution::JudgedStep>& steps) {
    std::vector<std::string> axes;
    for (const auto& step : steps) {
        for (const auto& [axis, value] : split_step_name(step.name).params) {
            if (std::find(axes.begin(), axes.end(), axis) == axes.end()) axes.push_back(axis);
        }
    }
    return axes;
}

}  // namespace warpstep::report
