// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/value.hpp"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "runtime/base/text.hpp"
#include "runtime/base/units.hpp"

namespace warpstep::workload {
namespace {

void append_power(std::vector<std::string>& pieces, const char* name, int exponent) {
    if (exponent == 1) pieces.emplace_back(name);
    if (exponent > 1) pieces.push_back(fmt::format("{}^{}", name, exponent));
}

std::string show_plain(const Value& value) {
    if (value.is_integer()) return fmt::format("{}", std::get<std::int64_t>(value.data));
    return fmt::format("{:.6g}", value.number());
}

std::string show_size(double bytes) {
    const double magnitude = std::abs(bytes);
    if (magnitude != std::floor(magnitude) || magnitude >= 9e18)
        return fmt::format("{:.6g} B", bytes);
    return (bytes < 0 ? "-" : "") + show_bytes(static_cast<std::uint64_t>(magnitude));
}

}  // namespace

std::string show(const Unit& unit) {
    if (unit == no_unit) return "a plain number";
    std::vector<std::string> above;
    std::vector<std::string> below;
    append_power(above, "bytes", unit.bytes);
    append_power(above, "flops", unit.flops);
    append_power(above, "seconds", unit.seconds);
    append_power(below, "bytes", -unit.bytes);
    append_power(below, "flops", -unit.flops);
    append_power(below, "s", -unit.seconds);
    const std::string numerator = above.empty() ? "1" : join(above, "*");
    return below.empty() ? numerator : numerator + "/" + join(below, "/");
}

std::string show(const Value& value) {
    if (const auto* word = std::get_if<std::string>(&value.data)) return *word;
    if (const auto* truth = std::get_if<bool>(&value.data)) return *truth ? "true" : "false";
    if (value.unit == no_unit) return show_plain(value);
    if (value.unit == unit_bytes) return show_size(value.number());
    if (value.unit == unit_seconds) return show_seconds(value.number());
    if (value.unit == unit_bytes_per_second) return show_bytes_per_second(value.number());
    if (value.unit == unit_flops_per_second) return show_flops_per_second(value.number());
    return show_plain(value) + " " + show(value.unit);
}

}  // namespace warpstep::workload
