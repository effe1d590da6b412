// SPDX-License-Identifier: Apache-2.0
#include "kernels/mean_squared_error.hpp"

#include "tests/kernels/training_cases.hpp"

using namespace warpstep;
using doctest::Contains;
using test::Elements;
using test::HostSide;
using test::Side;

TEST_CASE("kernels: the mean squared error equals the formula in long double") {
    HostSide side(2);
    test::check_mean_squared_error(side, DType::f32);
    test::check_mean_squared_error(side, DType::f64);
}

TEST_CASE("kernels: the mean squared error refuses vectors that do not fit") {
    Elements x(DType::f32, {10}), y(DType::f32, {9}), wide(DType::f64, {10}),
        error(DType::f64, {1}), narrow(DType::f32, {1});
    const auto check = [](const Elements& a, const Elements& b, const Elements& e) {
        kernels::Arguments arguments;
        Side::check("mean_squared_error", add(add(add(arguments, "x", a), "y", b), "error", e));
    };
    CHECK_NOTHROW(check(x, x, error));
    CHECK_THROWS_WITH_AS(check(x, y, error), Contains("'y' is 9 f32"), ConfigError);
    CHECK_THROWS_WITH_AS(check(x, wide, error), Contains("'x' is f32 but 'y' is f64"), ConfigError);
    CHECK_THROWS_WITH_AS(check(x, x, narrow), Contains("'error' is 1 f32"), ConfigError);
}
