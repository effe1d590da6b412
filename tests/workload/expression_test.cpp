// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/expression.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <map>

#include "tests/workload/message.hpp"

using namespace warpstep::workload;

namespace {

class TestScope final : public Scope {
  public:
    std::optional<Value> find(std::string_view name) const override {
        const auto it = values.find(std::string(name));
        return it == values.end() ? std::nullopt : std::optional(it->second);
    }
    std::optional<Value> call(std::string_view function,
                              const std::vector<std::string>& names) const override {
        if (function != "spread" || names.size() != 1 || !find(names[0])) return std::nullopt;
        const Value half{find(names[0])->number() / 2, no_unit};
        return half;
    }
    std::vector<std::string> names() const override {
        std::vector<std::string> result{"spread"};
        for (const auto& [name, value] : values) result.push_back(name);
        return result;
    }

    std::map<std::string, Value> values{
        {"rank", {std::int64_t{3}, no_unit}},
        {"ranks", {std::int64_t{8}, no_unit}},
        {"device.kind", {std::string("cuda"), no_unit}},
        {"time.median", {0.25, unit_seconds}},
        {"bytes", {std::int64_t{1000}, unit_bytes}},
        {"steps.copy-up.time", {2.0, unit_seconds}},
        {"unmeasured", {std::nan(""), no_unit}},
        {"least", {std::numeric_limits<std::int64_t>::min(), no_unit}}};
};

const Mark place{"f.yaml", 3, 10};

Value value_of(const std::string& text) {
    return Expression::parse(text, place).evaluate(TestScope{});
}
std::string error_of(const std::string& text) {
    return message_of([&] { value_of(text); });
}
std::string count_error(const std::string& text) {
    return message_of([&] { Expression::parse(text, place).evaluate_count(TestScope{}); });
}
Value whole(std::int64_t number, Unit unit = no_unit) {
    return {number, unit};
}
Value real(double number, Unit unit = no_unit) {
    return {number, unit};
}
Value truth(bool value) {
    return {value, no_unit};
}

}  // namespace

TEST_CASE("workload: numbers without point and exponent are exact integers") {
    CHECK(value_of("9223372036854775807") == whole(std::numeric_limits<std::int64_t>::max()));
    CHECK(value_of("010") == whole(10));
    CHECK(value_of("1e-6") == real(1e-6));
    CHECK(value_of("2.5") == real(2.5));
    CHECK(value_of(".5") == real(0.5));
    CHECK(value_of("true") == truth(true));
}

TEST_CASE("workload: suffixes give counts, bytes, durations, rates and percentages") {
    CHECK(value_of("64Mi") == whole(67108864));
    CHECK(value_of("1.5Gi") == real(1610612736.0));
    CHECK(value_of("4KiB") == whole(4096, unit_bytes));
    CHECK(value_of("4kB") == whole(4000, unit_bytes));
    CHECK(value_of("2TB") == whole(2000000000000, unit_bytes));
    CHECK(value_of("5m") == whole(300, unit_seconds));
    CHECK(value_of("2000ms") == whole(2, unit_seconds));
    CHECK(value_of("3us") == real(3e-6, unit_seconds));
    CHECK(value_of("10GB/s") == whole(10000000000, unit_bytes_per_second));
    CHECK(value_of("3GiB/s").unit == unit_bytes_per_second);
    CHECK(value_of("2TFLOP/s") == whole(2000000000000, unit_flops_per_second));
    CHECK(value_of("80%") == real(0.8));
    CHECK(value_of("300%") == whole(3));
    CHECK(value_of("8MB/ranks") == whole(1000000, unit_bytes));
}

TEST_CASE("workload: operators bind as in mathematics") {
    CHECK(value_of("1 + 2 * 3") == whole(7));
    CHECK(value_of("(1 + 2) * 3") == whole(9));
    CHECK(value_of("10 - 4 - 3") == whole(3));
    CHECK(value_of("-2 * -3") == whole(6));
    CHECK(value_of("not 1 == 2 and true") == truth(true));
    CHECK(value_of("true or false and false") == truth(true));
    CHECK(value_of("rank + 1 < ranks") == truth(true));
    CHECK(value_of("not not true") == truth(true));
}

TEST_CASE("workload: division is exact where it can be, and a remainder has the divisor's sign") {
    CHECK(value_of("6 / 3") == whole(2));
    CHECK(value_of("7 / 2") == real(3.5));
    CHECK(value_of("7 % 3") == whole(1));
    CHECK(value_of("(rank - 4) % ranks") == whole(7));
    CHECK(value_of("-0.5 % 2") == real(1.5));
    CHECK(value_of("least % -1") == whole(0));
    CHECK(value_of("10KB % 3KB") == whole(1000, unit_bytes));
}

TEST_CASE("workload: units are combined by * and / and must agree elsewhere") {
    CHECK(value_of("bytes / 2s") == whole(500, unit_bytes_per_second));
    CHECK(value_of("2GB/s * 3s") == whole(6000000000, unit_bytes));
    CHECK(value_of("time.median > 0") == truth(true));
    CHECK(value_of("max(0, 1s)") == whole(1, unit_seconds));
    CHECK(value_of("0 - time.median") == real(-0.25, unit_seconds));
    CHECK(error_of("1MiB + 2s") == "f.yaml:3:15: '+' needs equal units, not bytes and seconds");
    CHECK(error_of("time.median < 3") ==
          "f.yaml:3:22: '<' needs equal units, not seconds and a plain number; write for example "
          "5ms");
    CHECK(error_of("min(1s, 2B)") == "f.yaml:3:10: 'min' needs equal units, not seconds and bytes");
}

TEST_CASE("workload: integers never wrap around") {
    const std::string largest = "9223372036854775807";
    CHECK(error_of(largest + " + 1") ==
          "f.yaml:3:30: integer overflow (9223372036854775807 + 1 needs more than 64 bits); use "
          "smaller numbers");
    CHECK(error_of("4Gi * 4Gi").find("integer overflow") != std::string::npos);
    CHECK(error_of("least - 1").find("integer overflow") != std::string::npos);
    CHECK(error_of("-least").find("integer overflow") != std::string::npos);
    CHECK(error_of("least / -1").find("integer overflow") != std::string::npos);
    CHECK(error_of("abs(least)").find("integer overflow") != std::string::npos);
    CHECK(error_of("ceil_div(least, -1)").find("integer overflow") != std::string::npos);
    CHECK(error_of("pow(2, 63)").find("integer overflow") != std::string::npos);
    CHECK(error_of("floor(1e300)").find("integer overflow") != std::string::npos);
    CHECK(error_of("9000000000Gi").find("integer overflow") != std::string::npos);
    CHECK(error_of("9223372036854775808") ==
          "f.yaml:3:10: the number 9223372036854775808 is out of range (64 bits)");
    CHECK(error_of("1e999") == "f.yaml:3:10: the number 1e999 is out of range (64 bits)");
}

TEST_CASE("workload: results that are no number are errors") {
    CHECK(error_of("1 / (rank - 3)") == "f.yaml:3:12: division by zero");
    CHECK(error_of("1.0 / 0") == "f.yaml:3:14: division by zero");
    CHECK(error_of("1 % 0") == "f.yaml:3:12: remainder of a division by zero");
    CHECK(error_of("ceil_div(1, 0)") == "f.yaml:3:10: division by zero");
    CHECK(error_of("sqrt(-1)") == "f.yaml:3:10: the result is not a number (NaN)");
    CHECK(error_of("log2(0)") == "f.yaml:3:10: the result is too large for a number");
    CHECK(error_of("1e300 * 1e300") == "f.yaml:3:16: the result is too large for a number");
    CHECK(error_of("unmeasured < 1") == "f.yaml:3:10: 'unmeasured' is not a number (NaN)");
}

TEST_CASE("workload: builtin functions") {
    CHECK(value_of("min(3, 1, 2)") == whole(1));
    CHECK(value_of("max(3, 1.5)") == whole(3));
    CHECK(value_of("abs(-3)") == whole(3));
    CHECK(value_of("ceil_div(10, 4)") == whole(3));
    CHECK(value_of("ceil_div(-10, 4)") == whole(-2));
    CHECK(value_of("ceil_div(1MiB, 1000B)") == whole(1049));
    CHECK(value_of("floor(-2.5)") == whole(-3));
    CHECK(value_of("ceil(2.1s)") == whole(3, unit_seconds));
    CHECK(value_of("sqrt(16)") == real(4));
    CHECK(value_of("sqrt(4s * 4s)") == real(4, unit_seconds));
    CHECK(value_of("log2(1Mi)") == real(20));
    CHECK(value_of("pow(2, 62)") == whole(4611686018427387904));
    CHECK(value_of("pow(-2, 63)") == whole(std::numeric_limits<std::int64_t>::min()));
    CHECK(value_of("pow(2, -1)") == real(0.5));
    CHECK(value_of("pow(3s, 2)") == whole(9, Unit{0, 2, 0}));
    CHECK(error_of("min()") == "f.yaml:3:10: wrong number of arguments (0); write min(a, b, …)");
    CHECK(error_of("log2(2s)") ==
          "f.yaml:3:10: 'log2' needs a plain number, not seconds; divide by a unit first");
    CHECK(error_of("pow(1B, 1000)") == "f.yaml:3:10: the unit's power is out of range");
}

TEST_CASE("workload: select evaluates only the chosen branch") {
    CHECK(value_of("select(rank == 3, 1, 1 / 0)") == whole(1));
    CHECK(value_of("select(rank == 0, missing, 2s)") == whole(2, unit_seconds));
    CHECK(error_of("select(rank, 1, 2)") ==
          "f.yaml:3:17: 'select' needs true or false, not 3; compare it with something");
    CHECK(value_of("false and missing") == truth(false));
    CHECK(value_of("true or missing") == truth(true));
}

TEST_CASE("workload: an unknown name compared with a text is a word") {
    CHECK(value_of("device.kind == cuda") == truth(true));
    CHECK(value_of("host == device.kind") == truth(false));
    CHECK(value_of("device.kind != host") == truth(true));
    CHECK(error_of("rank == cuda").find("f.yaml:3:18: unknown name 'cuda'") == 0);
    CHECK(error_of("foo == bar").find("f.yaml:3:10: unknown name 'foo'") == 0);
    CHECK(error_of("device.kind < cuda").find("f.yaml:3:24: unknown name 'cuda'") == 0);
    CHECK(error_of("device.kind == 3") ==
          "f.yaml:3:22: '==' cannot compare a word (cuda) with a number (3)");
    CHECK(error_of("true < false") ==
          "f.yaml:3:15: '<' needs numbers, not truth values; use == or !=");
}

TEST_CASE("workload: unknown names and functions come with a suggestion at their column") {
    CHECK(error_of("1 + rnk") == "f.yaml:3:14: unknown name 'rnk'; did you mean 'rank'?");
    CHECK(error_of("celi_div(1, 2)") ==
          "f.yaml:3:10: unknown function 'celi_div'; did you mean 'ceil_div'?");
    CHECK(error_of("spred(time.median)") ==
          "f.yaml:3:10: unknown function 'spred'; did you mean 'spread'?");
}

TEST_CASE("workload: functions of the scope get the names of their arguments") {
    CHECK(value_of("spread(time.median)") == real(0.125));
    CHECK(value_of("steps.copy-up.time-time.median") == real(1.75, unit_seconds));
    CHECK(error_of("spread(1 + 2)") ==
          "f.yaml:3:10: 'spread' takes names, not computed values; write for example spread(x)");
    CHECK(error_of("spread(no.such)") ==
          "f.yaml:3:10: 'spread' has no value for (no.such); check these names");
}

TEST_CASE("workload: all names that are read are listed") {
    const auto names = Expression::parse("a + max(b.c, 2) * spread(steps.x-1.time)").names();
    CHECK(names == std::set<std::string>{"a", "b.c", "steps.x-1.time"});
    CHECK(Expression::constant({std::int64_t{4}, unit_bytes}).names().empty());
}

TEST_CASE("workload: bare prefixes, unknown units and detached units are explained") {
    CHECK(error_of("n * 64M") ==
          "f.yaml:3:16: '64M' is ambiguous (a power of 10 or of 2, a count or bytes?); write 64Mi "
          "for a "
          "count, 64MiB or 64MB for bytes");
    CHECK(error_of("8k").find("write 8Ki for a count, 8KiB or 8KB for bytes") != std::string::npos);
    CHECK(error_of("5Gb") == "f.yaml:3:11: unknown unit 'Gb'; did you mean 'Gi'?");
    CHECK(error_of("0x10").find("f.yaml:3:11: unknown unit 'x10'") == 0);
    CHECK(error_of("10 GB") ==
          "f.yaml:3:13: expected an operator, not 'GB'; write the unit directly behind the number: "
          "10GB");
    CHECK(error_of("10%3") ==
          "f.yaml:3:12: '%' directly behind a number is a percentage; write a remainder with "
          "spaces: a % b");
}

TEST_CASE("workload: syntax errors name the character and what to write") {
    CHECK(error_of("") == "f.yaml:3:10: the expression is empty; write a value");
    CHECK(error_of("1 +") == "f.yaml:3:13: the expression ends where a value should follow");
    CHECK(error_of("a && b") == "f.yaml:3:12: '&&' is not part of expressions; write 'and'");
    CHECK(error_of("!a") == "f.yaml:3:10: '!' is not part of expressions; write 'not'");
    CHECK(error_of("a ? b : c") ==
          "f.yaml:3:12: '?' is not part of expressions; write select(condition, a, b)");
    CHECK(error_of("a = b") ==
          "f.yaml:3:12: '=' is not part of expressions; write '==' to compare");
    CHECK(error_of("a == 'x'") ==
          "f.yaml:3:15: ''' is not part of expressions; words and names stand without quotes");
    CHECK(error_of("1 < 2 < 3") ==
          "f.yaml:3:16: comparisons do not chain; write 'a < b and b < c'");
    CHECK(error_of("1 + not true") == "f.yaml:3:14: 'not' needs parentheses here: (not …)");
    CHECK(error_of("(1 + 2").find(
              "f.yaml:3:16: expected ')' (a comma ends a value inside { } and [ ])") == 0);
    CHECK(error_of("1 2") == "f.yaml:3:12: expected an operator, not '2'");
    CHECK(error_of("1:10:00") == "f.yaml:3:11: unexpected character ':'");
    CHECK(error_of("1.") == "f.yaml:3:12: expected digits behind the point");
    CHECK(error_of("\xc3\xa9") == "f.yaml:3:10: unexpected character (code 195)");
    CHECK(error_of("* 2") == "f.yaml:3:10: expected a value, not '*'");
    CHECK(error_of("1 + and") == "f.yaml:3:14: expected a value, not 'and'");
}

TEST_CASE("workload: places without a line, and texts that were folded") {
    CHECK(message_of([] { Expression::parse("1 + ?"); }) ==
          "column 5: '?' is not part of expressions; write select(condition, a, b)");
    CHECK(message_of([] {
              Expression::parse("64M", Mark{"--set n", 0, 1});
          }).find("--set n: column 3: ") == 0);
    CHECK(message_of([] {
              Expression::parse("1 + ?", Mark{"f.yaml", 7, 4, false});
          }).find("f.yaml:7:4: ") == 0);
}

TEST_CASE("workload: an expression cannot overflow the stack") {
    const auto nested = [](int depth) {
        return std::string(static_cast<std::size_t>(depth), '(') + "1" +
               std::string(static_cast<std::size_t>(depth), ')');
    };
    CHECK(value_of(nested(199)) == whole(1));
    CHECK(error_of(nested(200)) ==
          "f.yaml:3:210: the expression is nested more than 200 deep; use params for its parts");
    CHECK(error_of(std::string(4000, '-') + "1").find("nested more than") != std::string::npos);
    std::string sum = "1";
    for (int i = 0; i < 500; ++i) sum += "+1";
    CHECK(value_of(sum) == whole(501));
    CHECK(error_of(sum + "+1").find("more than 500 operators") != std::string::npos);
    CHECK(error_of(std::string(5000, '1')) ==
          "f.yaml:3:10: the expression is too long (5000 characters, at most 4096)");
}

TEST_CASE("workload: counts, numbers and truth values are checked") {
    const TestScope scope;
    CHECK(Expression::parse("1e6").evaluate_count(scope) == 1000000);
    CHECK(Expression::parse("ranks / 2").evaluate_count(scope) == 4);
    CHECK(Expression::parse("250ms").evaluate_number(scope) == 0.25);
    CHECK(Expression::parse("rank < 4").evaluate_truth(scope));
    CHECK(Expression::constant(real(0.5)).evaluate_number(scope) == 0.5);
    CHECK(count_error("7 / 2") ==
          "f.yaml:3:10: expected a whole number (this is 3.5); use floor(…) or ceil(…)");
    CHECK(count_error("64MiB") ==
          "f.yaml:3:10: expected a whole number (64 MiB has a unit, bytes); counts use Ki, Mi, Gi");
    CHECK(count_error("true") == "f.yaml:3:10: expected a whole number (true is a truth value)");
    CHECK(message_of([&] { Expression::parse("true", place).evaluate_number(scope); }) ==
          "f.yaml:3:10: expected a number (this is true)");
    CHECK(message_of([&] { Expression::parse("1", place).evaluate_truth(scope); }) ==
          "f.yaml:3:10: expected true or false (this is 1); compare it with something");
}
