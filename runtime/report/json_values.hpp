// SPDX-License-Identifier: Apache-2.0
// Private to report: what has no value is null in every JSON of ours.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

namespace warpstep::report {

inline nlohmann::ordered_json number(double value) {
    return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
}
inline nlohmann::ordered_json text_or_null(const std::string& text) {
    return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(text);
}

}  // namespace warpstep::report
