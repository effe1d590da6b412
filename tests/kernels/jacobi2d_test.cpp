// SPDX-License-Identifier: Apache-2.0
#include "kernels/jacobi2d.hpp"

#include "tests/kernels/grid_cases.hpp"

using namespace warpstep;
using doctest::Contains;
using test::Elements;
using test::HostSide;
using test::Side;

TEST_CASE("kernels: a sweep of jacobi2d equals the definition bit by bit") {
    HostSide side(2);
    test::check_sweep<float>(side, DType::f32);
    test::check_sweep<double>(side, DType::f64);
}

TEST_CASE("kernels: a large sweep on several cores equals that of one") {
    Elements from(DType::f32, {700, 501}), alone(DType::f32, {700, 501}),
        shared(DType::f32, {700, 501}), residual(DType::f64, {1}), other(DType::f64, {1});
    from.fill(test::wavy);
    kernels::Arguments one, three;
    HostSide(1).run("jacobi2d",
                    add(add(add(one, "from", from), "to", alone), "residual", residual));
    HostSide(3).run("jacobi2d",
                    add(add(add(three, "from", from), "to", shared), "residual", other));
    CHECK(shared.same_bits(alone));
    CHECK(residual[0] == other[0]);
    CHECK(residual[0] > 0);
}

TEST_CASE("kernels: a grid with NaN has no residual below any bound") {
    HostSide side(2);
    test::check_sweep_keeps_nan(side);
}

TEST_CASE("kernels: edges of a grid are linear between its corners, and exact for whole numbers") {
    HostSide side;
    test::check_edges(side, DType::f32);
    test::check_edges(side, DType::f64);
}

// u(x, y) = sin(pi x) sinh(pi y) / sinh(pi) solves Laplace's equation with u = 0 on three sides.
// The discrete solution has the same shape with another rate: cosh(beta) = 2 - cos(pi / n).
TEST_CASE("kernels: sweeps converge to the discrete solution, which is near the analytic one") {
    constexpr std::int64_t n = 32;
    const double pi = std::acos(-1);
    const double rate = std::acosh(2 - std::cos(pi / n));
    Elements even(DType::f64, {n + 1, n + 1}), odd(DType::f64, {n + 1, n + 1});
    for (std::int64_t j = 0; j <= n; ++j) {
        even.set(n * (n + 1) + j, std::sin(pi * static_cast<double>(j) / n));
    }
    Elements residual(DType::f64, {1});
    HostSide side;
    kernels::Arguments there, back;
    add(add(add(there, "from", even), "to", odd), "residual", residual);
    add(add(add(back, "from", odd), "to", even), "residual", residual);
    for (int i = 0; i < 3000; ++i) {
        side.run("jacobi2d", there);
        side.run("jacobi2d", back);
    }
    CHECK(residual[0] < 1e-13);
    double discrete = 0, analytic = 0;
    for (std::int64_t i = 0; i <= n; ++i) {
        for (std::int64_t j = 0; j <= n; ++j) {
            const double x = std::sin(pi * static_cast<double>(j) / n);
            const auto y = static_cast<double>(i);
            const double u = even[i * (n + 1) + j];
            discrete =
                std::max(discrete, std::abs(u - x * std::sinh(rate * y) / std::sinh(rate * n)));
            analytic = std::max(analytic, std::abs(u - x * std::sinh(pi * y / n) / std::sinh(pi)));
        }
    }
    CHECK(discrete < 1e-12);
    CHECK(analytic < 1e-3);
    CHECK(analytic > 1e-6);  // the error of the grid itself
}

TEST_CASE("kernels: jacobi2d's bytes and flops") {
    Elements from(DType::f32, {10, 20}), to(DType::f32, {10, 20});
    kernels::Arguments arguments;
    add(add(arguments, "from", from), "to", to);
    const kernels::Kernel& kernel = *kernels::find("jacobi2d");
    CHECK(kernel.bytes(arguments) == 2 * 200 * 4);
    CHECK(kernel.flops(arguments) == 4 * 8 * 18);
}

TEST_CASE("kernels: jacobi2d refuses grids that are not one grid before and after") {
    Elements grid(DType::f32, {10, 20}), turned(DType::f32, {20, 10}), wide(DType::f64, {10, 20}),
        integers(DType::i32, {10, 20}), one(DType::f64, {1}), two(DType::f64, {2});
    const auto check = [](const Elements& from, const Elements& to, const Elements* residual) {
        kernels::Arguments arguments;
        add(add(arguments, "from", from), "to", to);
        if (residual != nullptr) add(arguments, "residual", *residual);
        Side::check("jacobi2d", arguments);
    };
    const Elements other(DType::f32, {10, 20});
    CHECK_NOTHROW(check(grid, other, &one));
    CHECK_THROWS_WITH_AS(check(grid, turned, nullptr),
                         Contains("'from' is [10, 20] but 'to' is [20, 10]"), ConfigError);
    CHECK_THROWS_WITH_AS(check(grid, wide, nullptr), Contains("'from' is f32 but 'to' is f64"),
                         ConfigError);
    CHECK_THROWS_AS(check(integers, integers, nullptr), ConfigError);
    CHECK_THROWS_WITH_AS(check(grid, grid, nullptr), Contains("'from' and 'to' overlap"),
                         ConfigError);
    CHECK_THROWS_WITH_AS(check(grid, other, &two), Contains("'residual' is 2 f64"), ConfigError);
}
