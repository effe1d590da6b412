// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/arithmetic.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace warpstep::workload {
namespace {

constexpr int largest_exponent = 64;
constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();

bool both_integers(const Value& left, const Value& right) {
    return left.is_integer() && right.is_integer();
}

std::int64_t integer(const Value& value) {
    return std::get<std::int64_t>(value.data);
}

std::string_view kind_of(const Value& value) {
    if (value.is_number()) return "a number";
    return std::holds_alternative<bool>(value.data) ? "a truth value" : "a word";
}

[[noreturn]] void overflow(std::string_view op, const Value& left, const Value& right) {
    throw Problem{
        fmt::format("integer overflow ({} {} {} needs more than 64 bits); use smaller numbers",
                    show(left), op, show(right))};
}

Unit combined(const Unit& left, const Unit& right, int sign) {
    const Unit unit{left.bytes + sign * right.bytes, left.seconds + sign * right.seconds,
                    left.flops + sign * right.flops};
    return scaled(unit, 1);
}

// A number as it is written with this unit; "" for units that have no letters.
std::string_view example_of(const Unit& unit) {
    if (unit == unit_bytes) return "4MiB";
    if (unit == unit_seconds) return "5ms";
    if (unit == unit_bytes_per_second) return "5GB/s";
    return unit == unit_flops_per_second ? "5TFLOP/s" : "";
}

Value add(std::string_view op, const Value& left, const Value& right) {
    need_equal_units(op, left.unit, right.unit);
    const bool plus = op == "+";
    if (!both_integers(left, right)) {
        return finite(left.number() + (plus ? right.number() : -right.number()), left.unit);
    }
    std::int64_t result = 0;
    const bool failed = plus ? __builtin_add_overflow(integer(left), integer(right), &result)
                             : __builtin_sub_overflow(integer(left), integer(right), &result);
    if (failed) overflow(op, left, right);
    return {result, left.unit};
}

Value multiply(const Value& left, const Value& right) {
    const Unit unit = combined(left.unit, right.unit, 1);
    if (!both_integers(left, right)) return finite(left.number() * right.number(), unit);
    std::int64_t result = 0;
    if (__builtin_mul_overflow(integer(left), integer(right), &result)) overflow("*", left, right);
    return {result, unit};
}

Value divide(const Value& left, const Value& right) {
    const Unit unit = combined(left.unit, right.unit, -1);
    if (right.number() == 0) throw Problem{"division by zero"};
    if (!both_integers(left, right)) return finite(left.number() / right.number(), unit);
    if (integer(left) == lowest && integer(right) == -1) overflow("/", left, right);
    if (integer(left) % integer(right) == 0) return {integer(left) / integer(right), unit};
    return finite(left.number() / right.number(), unit);
}

// The remainder has the sign of the divisor, so that (rank - 1) % ranks is a rank.
Value remainder(const Value& left, const Value& right) {
    need_equal_units("%", left.unit, right.unit);
    if (right.number() == 0) throw Problem{"remainder of a division by zero"};
    if (!both_integers(left, right)) {
        const double rest = std::fmod(left.number(), right.number());
        const bool wrong_sign = rest != 0 && (rest < 0) != (right.number() < 0);
        return finite(wrong_sign ? rest + right.number() : rest, left.unit);
    }
    if (integer(right) == -1) return {std::int64_t{0}, left.unit};
    const std::int64_t rest = integer(left) % integer(right);
    const bool wrong_sign = rest != 0 && (rest < 0) != (integer(right) < 0);
    return {wrong_sign ? rest + integer(right) : rest, left.unit};
}

template <typename T>
bool compare_as(std::string_view op, const T& left, const T& right) {
    if (op == "==") return left == right;
    if (op == "!=") return left != right;
    if (op == "<") return left < right;
    if (op == "<=") return left <= right;
    if (op == ">") return left > right;
    return left >= right;
}

}  // namespace

Value finite(double number, Unit unit) {
    if (std::isnan(number)) throw Problem{"the result is not a number (NaN)"};
    if (std::isinf(number)) throw Problem{"the result is too large for a number"};
    return {number, unit};
}

void need_number(std::string_view operation, const Value& value) {
    if (value.is_number()) return;
    throw Problem{
        fmt::format("'{}' needs numbers, not {} ({})", operation, kind_of(value), show(value))};
}

void need_equal_units(std::string_view operation, const Unit& left, const Unit& right) {
    if (left == right) return;
    const Unit& given = left == no_unit ? right : left;
    const std::string_view example =
        left == no_unit || right == no_unit ? example_of(given) : std::string_view();
    throw Problem{fmt::format("'{}' needs equal units, not {} and {}{}{}", operation, show(left),
                              show(right), example.empty() ? "" : "; write for example ", example)};
}

void need_plain(std::string_view operation, const Value& value) {
    need_number(operation, value);
    if (value.unit == no_unit) return;
    throw Problem{fmt::format("'{}' needs a plain number, not {}; divide by a unit first",
                              operation, show(value.unit))};
}

Unit scaled(const Unit& unit, std::int64_t factor) {
    const auto power = [factor](int exponent) {
        std::int64_t result = 0;
        if (__builtin_mul_overflow(std::int64_t{exponent}, factor, &result) ||
            result > largest_exponent || result < -largest_exponent) {
            throw Problem{"the unit's power is out of range"};
        }
        return static_cast<int>(result);
    };
    return {power(unit.bytes), power(unit.seconds), power(unit.flops)};
}

Value calculate(std::string_view op, const Value& left, const Value& right) {
    need_number(op, left);
    need_number(op, right);
    if (op == "*") return multiply(left, right);
    if (op == "/") return divide(left, right);
    if (op == "%") return remainder(left, right);
    return add(op, left, right);
}

Value negate(const Value& value) {
    need_number("-", value);
    if (!value.is_integer()) return {-value.number(), value.unit};
    if (integer(value) == lowest)
        throw Problem{"integer overflow (no 64-bit number is that large)"};
    return {-integer(value), value.unit};
}

bool compare(std::string_view op, const Value& left, const Value& right) {
    if (left.is_number() && right.is_number()) {
        need_equal_units(op, left.unit, right.unit);
        if (both_integers(left, right)) return compare_as(op, integer(left), integer(right));
        return compare_as(op, left.number(), right.number());
    }
    if (left.data.index() != right.data.index()) {
        throw Problem{fmt::format("'{}' cannot compare {} ({}) with {} ({})", op, kind_of(left),
                                  show(left), kind_of(right), show(right))};
    }
    if (op != "==" && op != "!=") {
        throw Problem{
            fmt::format("'{}' needs numbers, not {}s; use == or !=", op, kind_of(left).substr(2))};
    }
    return compare_as(op, left.data, right.data);
}

std::int64_t whole(const Value& value) {
    if (!value.is_number()) {
        throw Problem{
            fmt::format("expected a whole number ({} is {})", show(value), kind_of(value))};
    }
    if (value.unit != no_unit) {
        throw Problem{
            fmt::format("expected a whole number ({} has a unit, {}); counts use Ki, Mi, Gi",
                        show(value), show(value.unit))};
    }
    if (value.is_integer()) return integer(value);
    constexpr double largest_exact = 9007199254740992.0;  // 2^53
    if (value.number() != std::floor(value.number()) || std::abs(value.number()) > largest_exact) {
        throw Problem{fmt::format("expected a whole number (this is {}); use floor(…) or ceil(…)",
                                  show(value))};
    }
    return static_cast<std::int64_t>(value.number());
}

}  // namespace warpstep::workload
