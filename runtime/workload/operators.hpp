// SPDX-License-Identifier: Apache-2.0
// The operators between two operands; a higher power binds tighter.
#pragma once

#include <array>
#include <string_view>

namespace warpstep::workload {

struct BinaryOperator {
    std::string_view text;
    int power;
    std::string_view meaning;
};

inline constexpr int power_any = 1;
inline constexpr int power_not = 3;
inline constexpr int power_comparison = 4;
inline constexpr int power_negation = 7;

inline constexpr std::array<BinaryOperator, 13> binary_operators{
    {{"or", 1, "one of two truth values; the second is looked at only where it matters"},
     {"and", 2, "both of two truth values"},
     {"==", power_comparison, "equal numbers of one unit, words or truth values"},
     {"!=", power_comparison, "the opposite"},
     {"<", power_comparison, "less; comparisons do not chain"},
     {"<=", power_comparison, "less or equal"},
     {">", power_comparison, "greater"},
     {">=", power_comparison, "greater or equal"},
     {"+", 5, "sum, of one unit"},
     {"-", 5, "difference, of one unit; also in front of a value"},
     {"*", 6, "product; units multiply"},
     {"/", 6, "quotient, exact where it is a whole number; units divide"},
     {"%", 6, "remainder, with the sign of the divisor; written with spaces: `a % b`"}}};

}  // namespace warpstep::workload
