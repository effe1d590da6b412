// SPDX-License-Identifier: Apache-2.0
// Arithmetic on values: exact on integers, checked for overflow and units.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/workload/value.hpp"

namespace warpstep::workload {

/// Why an operation has no result; the evaluator adds the place and throws ConfigError.
struct Problem {
    std::string text;
};

/// "+", "-", "*", "/", "%". Errors: Problem (no number, units, overflow, division by zero, not
/// finite).
Value calculate(std::string_view op, const Value& left, const Value& right);
/// "==", "!=", "<", "<=", ">", ">=". Errors: Problem (different kinds or units).
bool compare(std::string_view op, const Value& left, const Value& right);
/// Errors: Problem.
Value negate(const Value& value);

/// The value itself when it is finite. Errors: Problem.
Value finite(double number, Unit unit);
/// The number as an exact integer, when it is one. Errors: Problem "expected a whole number …".
std::int64_t whole(const Value& value);
/// Errors: Problem that names the operation and what it got.
void need_number(std::string_view operation, const Value& value);
/// Errors: Problem that names both units.
void need_equal_units(std::string_view operation, const Unit& left, const Unit& right);
/// Errors: Problem when the value has a unit.
void need_plain(std::string_view operation, const Value& value);
/// Unit exponents times `factor`. Errors: Problem when they leave any sensible range.
Unit scaled(const Unit& unit, std::int64_t factor);

}  // namespace warpstep::workload
