// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/units.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string_view>

namespace warpstep {
namespace {

// Three significant digits: "1.23", "12.3", "123".
std::string three_digits(double value) {
    const double magnitude = std::abs(value);
    return fmt::format("{:.{}f}", value, magnitude < 9.995 ? 2 : magnitude < 99.95 ? 1 : 0);
}

std::string with_decimal_prefix(double value, std::string_view unit) {
    constexpr std::array<std::string_view, 6> prefixes{"", "k", "M", "G", "T", "P"};
    if (!std::isfinite(value)) return "n/a";
    std::size_t i = 0;
    while (std::abs(value) >= 999.5 && i + 1 < prefixes.size()) {
        value /= 1000;
        ++i;
    }
    return fmt::format("{} {}{}", three_digits(value), prefixes[i], unit);
}

}  // namespace

std::string show_bytes(std::uint64_t bytes) {
    constexpr std::array<std::string_view, 6> units{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    if (bytes < 1024) return fmt::format("{} B", bytes);
    auto value = static_cast<double>(bytes);
    std::size_t i = 0;
    while (value >= 1023.95 && i + 1 < units.size()) {
        value /= 1024;
        ++i;
    }
    if (value == std::floor(value)) return fmt::format("{:.0f} {}", value, units[i]);
    return fmt::format("{:.1f} {}", value, units[i]);
}

std::string show_seconds(double seconds) {
    if (!std::isfinite(seconds)) return "n/a";
    // 999.5 of a unit would be rounded to 1000: it is 1.00 of the next.
    const double magnitude = std::abs(seconds);
    if (magnitude < 999.5e-9) return three_digits(seconds * 1e9) + " ns";
    if (magnitude < 999.5e-6) return three_digits(seconds * 1e6) + " us";
    if (magnitude < 999.5e-3) return three_digits(seconds * 1e3) + " ms";
    return three_digits(seconds) + " s";
}

std::string show_bytes_per_second(double rate) {
    return with_decimal_prefix(rate, "B/s");
}
std::string show_flops_per_second(double rate) {
    return with_decimal_prefix(rate, "FLOP/s");
}

}  // namespace warpstep
