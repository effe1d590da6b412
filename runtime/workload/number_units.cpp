// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/number_units.hpp"

#include <array>
#include <utility>

#include "runtime/workload/arithmetic.hpp"

namespace warpstep::workload {
namespace {

constexpr std::int64_t k = 1000;
constexpr std::int64_t ki = 1024;
constexpr Unit flops{0, 0, 1};

constexpr std::array<std::pair<std::string_view, Suffix>, 28> suffixes{{
    {"Ki", {ki, 1, no_unit}},
    {"Mi", {ki * ki, 1, no_unit}},
    {"Gi", {ki * ki * ki, 1, no_unit}},
    {"Ti", {ki * ki * ki * ki, 1, no_unit}},
    {"B", {1, 1, unit_bytes}},
    {"KiB", {ki, 1, unit_bytes}},
    {"MiB", {ki * ki, 1, unit_bytes}},
    {"GiB", {ki * ki * ki, 1, unit_bytes}},
    {"TiB", {ki * ki * ki * ki, 1, unit_bytes}},
    {"kB", {k, 1, unit_bytes}},
    {"KB", {k, 1, unit_bytes}},
    {"MB", {k * k, 1, unit_bytes}},
    {"GB", {k * k * k, 1, unit_bytes}},
    {"TB", {k * k * k * k, 1, unit_bytes}},
    {"FLOP", {1, 1, flops}},
    {"kFLOP", {k, 1, flops}},
    {"KFLOP", {k, 1, flops}},
    {"MFLOP", {k * k, 1, flops}},
    {"GFLOP", {k * k * k, 1, flops}},
    {"TFLOP", {k * k * k * k, 1, flops}},
    {"PFLOP", {k * k * k * k * k, 1, flops}},
    {"ns", {1, k* k* k, unit_seconds}},
    {"us", {1, k* k, unit_seconds}},
    {"ms", {1, k, unit_seconds}},
    {"s", {1, 1, unit_seconds}},
    {"m", {60, 1, unit_seconds}},
    {"h", {3600, 1, unit_seconds}},
    {"%", {1, 100, no_unit}},
}};

bool has_rate(const Unit& unit) {
    return unit == unit_bytes || unit == flops;
}

}  // namespace

std::optional<Suffix> find_suffix(std::string_view text) {
    const bool rate = text.size() > 2 && text.substr(text.size() - 2) == "/s";
    if (rate) text.remove_suffix(2);
    for (const auto& [name, suffix] : suffixes) {
        if (name != text) continue;
        if (!rate) return suffix;
        if (!has_rate(suffix.unit)) return std::nullopt;
        return Suffix{suffix.multiply, suffix.divide, {suffix.unit.bytes, -1, suffix.unit.flops}};
    }
    return std::nullopt;
}

std::vector<std::string> suffix_names() {
    std::vector<std::string> names;
    for (const auto& [name, suffix] : suffixes) {
        names.emplace_back(name);
        if (has_rate(suffix.unit)) names.push_back(std::string(name) + "/s");
    }
    return names;
}

Value with_suffix(const Value& number, const Suffix& suffix) {
    const Value scale{suffix.multiply, no_unit};
    const Value divisor{suffix.divide, no_unit};
    Value result = calculate("/", calculate("*", number, scale), divisor);
    result.unit = suffix.unit;
    return result;
}

}  // namespace warpstep::workload
