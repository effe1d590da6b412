// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/element_expression.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/run_workload.hpp"

using namespace warpstep;
using plan::RankScope;
using plan::Wide;
using workload::Expression;

namespace {

using Elements = std::vector<Wide>;

RankScope scope() {
    RankScope result({}, step::Step{}, device::Facts{});
    result.set("scalar", plan::number_value(0.5));
    result.set("n", plan::count_value(7));
    return result;
}

// x is 10 times the index, before the step it was -1.
bool source(const std::string& name, bool before, std::int64_t begin, Elements& out) {
    if (name != "x") return false;
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = before ? -1 : 10 * (begin + static_cast<Wide>(i));
    }
    return true;
}

Elements evaluate(const std::string& text, std::int64_t begin = 0, std::int64_t count = 3) {
    return plan::evaluate_elements(Expression::parse(text, {"f.yaml", 4, 20}), scope(), source,
                                   begin, count);
}

std::string refusal(const std::string& text) {
    return test::refusal_of([&] { evaluate(text); });
}

}  // namespace

TEST_CASE("plan: arithmetic on elements") {
    CHECK(evaluate("x + 1") == Elements{1, 11, 21});
    CHECK(evaluate("1 - x") == Elements{1, -9, -19});
    CHECK(evaluate("-x * scalar") == Elements{0, -5, -10});
    CHECK(evaluate("x / 4") == Elements{0, 2.5, 5});
    CHECK(evaluate("(x + n) * 2") == Elements{14, 34, 54});
    CHECK(evaluate("x * x - x", 5, 1) == Elements{2450});
}

TEST_CASE("plan: a remainder has the sign of the divisor, as in every expression") {
    CHECK(evaluate("index % 2") == Elements{0, 1, 0});
    CHECK(evaluate("-x % 3") == Elements{0, 2, 1});
    CHECK(evaluate("x % -3") == Elements{0, -2, -1});
}

TEST_CASE("plan: the index is that of the buffer, not of the block") {
    CHECK(evaluate("index", 1'000'000'000'000, 2) ==
          Elements{1'000'000'000'000, 1'000'000'000'001});
    CHECK(evaluate("index - x / 10", 50, 2) == Elements{0, 0});
}

TEST_CASE("plan: functions on elements") {
    CHECK(evaluate("abs(x - 15)") == Elements{15, 5, 5});
    CHECK(evaluate("sqrt(x * x)") == Elements{0, 10, 20});
    CHECK(evaluate("min(x, 15)") == Elements{0, 10, 15});
    CHECK(evaluate("max(x, 15)") == Elements{15, 15, 20});
    CHECK(evaluate("before(x) + x") == Elements{-1, 9, 19});
}

TEST_CASE("plan: select chooses element by element, or by what is known of the rank") {
    CHECK(evaluate("select(x < 10, 1, 2)") == Elements{1, 2, 2});
    CHECK(evaluate("select(x >= 10 and x != 20, x, -1)") == Elements{-1, 10, -1});
    CHECK(evaluate("select(not x == 0 or n > 8, 5, x)") == Elements{0, 5, 5});
    CHECK(evaluate("select(rank == 0, n, 0)") == Elements{7, 7, 7});
    CHECK(evaluate("floor(x / 4) + ceil(x / 4)") == Elements{0, 5, 10});
}

TEST_CASE("plan: elements are computed wider than f64") {
    const auto sum = evaluate("9007199254740992 + 1", 0, 1);  // 2^53 + 1
    CHECK(sum[0] - 9007199254740992.0L == 1);
}

TEST_CASE("plan: division by zero is infinity or not a number, not an error") {
    CHECK(std::isinf(evaluate("1 / x", 0, 1)[0]));
    CHECK(std::isnan(evaluate("x / x", 0, 1)[0]));
}

TEST_CASE("plan: what has no meaning on elements is refused with its place") {
    CHECK(refusal("x + y").starts_with("f.yaml:4:24: 'y' cannot be used on elements (neither"));
    CHECK(refusal("before(n)").find("it is not a buffer") != std::string::npos);
    CHECK(refusal("before(x + 1)").find("known: abs, before") != std::string::npos);
    CHECK(refusal("ceil_div(x, 2)").find("known: abs, before") != std::string::npos);
    CHECK(refusal("x + device.kind").find("it is not a number") != std::string::npos);
    CHECK(refusal("x + true").find("it is not a number") != std::string::npos);
}
