// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace warpstep::workload {

/// Physical dimension of a number as exponents; all zero for counts, ratios and plain numbers.
struct Unit {
    int bytes = 0;
    int seconds = 0;
    int flops = 0;
    friend bool operator==(const Unit&, const Unit&) = default;
};

inline constexpr Unit no_unit{};
inline constexpr Unit unit_bytes{1, 0, 0};
inline constexpr Unit unit_seconds{0, 1, 0};
inline constexpr Unit unit_bytes_per_second{1, -1, 0};
inline constexpr Unit unit_flops_per_second{0, -1, 1};

/// "a plain number", "bytes", "bytes/s", "seconds", "flops/s", "bytes^2*seconds".
std::string show(const Unit& unit);

/// What an expression evaluates to: an exact integer, a real number (both with a unit), a truth
/// value or a word.
struct Value {
    std::variant<std::int64_t, double, bool, std::string> data;
    Unit unit;

    bool is_number() const { return data.index() <= 1; }
    bool is_integer() const { return data.index() == 0; }
    /// The number as a double. Precondition: is_number().
    double number() const {
        return data.index() == 0 ? static_cast<double>(std::get<0>(data)) : std::get<1>(data);
    }
    friend bool operator==(const Value&, const Value&) = default;
};

/// "4194304", "42.3 GB/s", "1.25 ms", "true", "cuda".
std::string show(const Value& value);

}  // namespace warpstep::workload
