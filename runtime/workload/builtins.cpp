// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/builtins.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "runtime/workload/arithmetic.hpp"

namespace warpstep::workload {
namespace {

using Arguments = std::vector<Value>;

Value extreme(const Arguments& arguments, std::string_view name, std::string_view better) {
    Value best = arguments.front();
    for (const Value& argument : arguments) {
        need_number(name, argument);
        need_equal_units(name, best.unit, argument.unit);
        if (compare(better, argument, best)) best = argument;
    }
    return best;
}

Value minimum(const Arguments& arguments) {
    return extreme(arguments, "min", "<");
}
Value maximum(const Arguments& arguments) {
    return extreme(arguments, "max", ">");
}

Value absolute(const Arguments& arguments) {
    const Value& value = arguments.front();
    need_number("abs", value);
    return value.number() < 0 ? negate(value) : value;
}

// A real number as an exact integer, unit kept.
Value rounded(double number, Unit unit) {
    constexpr double limit = 9223372036854775808.0;  // 2^63
    if (!(number >= -limit && number < limit)) {
        throw Problem{"integer overflow (the rounded number needs more than 64 bits)"};
    }
    return {static_cast<std::int64_t>(number), unit};
}

Value round_down(const Arguments& arguments) {
    const Value& value = arguments.front();
    need_number("floor", value);
    return value.is_integer() ? value : rounded(std::floor(value.number()), value.unit);
}

Value round_up(const Arguments& arguments) {
    const Value& value = arguments.front();
    need_number("ceil", value);
    return value.is_integer() ? value : rounded(std::ceil(value.number()), value.unit);
}

Value ceiling_division(const Arguments& arguments) {
    for (const Value& argument : arguments) need_number("ceil_div", argument);
    const Unit unit = calculate("/", {1.0, arguments[0].unit}, {1.0, arguments[1].unit}).unit;
    const std::int64_t dividend = whole({arguments[0].data, no_unit});
    const std::int64_t divisor = whole({arguments[1].data, no_unit});
    if (divisor == 0) throw Problem{"division by zero"};
    if (divisor == -1) return {negate({dividend, no_unit}).data, unit};
    const bool round = dividend % divisor != 0 && (dividend < 0) == (divisor < 0);
    return {dividend / divisor + (round ? 1 : 0), unit};
}

Value square_root(const Arguments& arguments) {
    const Value& value = arguments.front();
    need_number("sqrt", value);
    const Unit unit = value.unit;
    if (unit.bytes % 2 != 0 || unit.seconds % 2 != 0 || unit.flops % 2 != 0) {
        throw Problem{fmt::format("'sqrt' of {} has no unit; divide by a unit first", show(unit))};
    }
    return finite(std::sqrt(value.number()), {unit.bytes / 2, unit.seconds / 2, unit.flops / 2});
}

Value logarithm(const Arguments& arguments) {
    const Value& value = arguments.front();
    need_plain("log2", value);
    return finite(std::log2(value.number()), no_unit);
}

// Exact powers by squaring; the exponent is at least 0.
std::int64_t integer_power(std::int64_t base, std::int64_t exponent) {
    std::int64_t result = 1;
    bool overflow = false;
    for (; exponent > 0 && !overflow; exponent /= 2) {
        if (exponent % 2 == 1) overflow = __builtin_mul_overflow(result, base, &result);
        if (exponent > 1) overflow = __builtin_mul_overflow(base, base, &base) || overflow;
    }
    if (overflow) throw Problem{"integer overflow (the power needs more than 64 bits)"};
    return result;
}

Value power(const Arguments& arguments) {
    const Value& base = arguments[0];
    const Value& exponent = arguments[1];
    need_number("pow", base);
    need_plain("pow", exponent);
    const Unit unit = base.unit == no_unit ? no_unit : scaled(base.unit, whole(exponent));
    if (base.is_integer() && exponent.is_integer() && exponent.number() >= 0) {
        return {integer_power(std::get<0>(base.data), std::get<0>(exponent.data)), unit};
    }
    if (base.number() == 0 && exponent.number() < 0) throw Problem{"division by zero"};
    return finite(std::pow(base.number(), exponent.number()), unit);
}

}  // namespace

const std::vector<Builtin>& builtins() {
    constexpr std::size_t any = std::numeric_limits<std::size_t>::max();
    static const std::vector<Builtin> list{
        {"select", "select(condition, a, b)",
         "a where the condition is true, else b; the other is not evaluated", 3, 3, nullptr},
        {"min", "min(a, b, …)", "the smallest", 1, any, minimum, true},
        {"max", "max(a, b, …)", "the largest", 1, any, maximum, true},
        {"abs", "abs(a)", "without its sign", 1, 1, absolute},
        {"ceil_div", "ceil_div(a, b)", "a / b, rounded up to a whole number", 2, 2,
         ceiling_division},
        {"floor", "floor(a)", "rounded down", 1, 1, round_down},
        {"ceil", "ceil(a)", "rounded up", 1, 1, round_up},
        {"sqrt", "sqrt(a)", "square root", 1, 1, square_root},
        {"log2", "log2(a)", "logarithm to base 2", 1, 1, logarithm},
        {"pow", "pow(base, exponent)", "exact for whole numbers", 2, 2, power}};
    return list;
}

const Builtin* find_builtin(std::string_view name) {
    for (const Builtin& builtin : builtins()) {
        if (builtin.name == name) return &builtin;
    }
    return nullptr;
}

}  // namespace warpstep::workload
