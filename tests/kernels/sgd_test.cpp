// SPDX-License-Identifier: Apache-2.0
#include "kernels/sgd.hpp"

#include "tests/kernels/training_cases.hpp"

using namespace warpstep;
using doctest::Contains;
using test::Elements;
using test::HostSide;
using test::Side;

TEST_CASE("kernels: sgd.step equals the formula, with and without momentum and weight decay") {
    HostSide side(2);
    test::check_all_sgd(side);
}

// f(w) = (w - 3)^2 / 2: with momentum mu and rate r the error follows a linear recurrence of order
// two, e(t+1) = (1 - r + mu) e(t) - mu e(t-1).
TEST_CASE("kernels: sgd.step with momentum follows the recurrence of a quadratic function") {
    const double rate = 0.1, mu = 0.5;
    Elements w(DType::f64, {1}), grad(DType::f64, {1}), velocity(DType::f64, {1});
    HostSide side;
    double before = -3, now = -3;  // the velocity begins at 0
    for (int t = 0; t < 100; ++t) {
        grad.set(0, w[0] - 3);
        kernels::Arguments arguments;
        add(add(add(arguments, "w", w), "grad", grad), "velocity", velocity);
        side.run("sgd.step", arguments.number("learning_rate", rate).number("momentum", mu));
        const double next = (1 - rate + mu) * now - mu * before;
        before = now;
        now = next;
        CHECK(w[0] - 3 == doctest::Approx(now).epsilon(1e-9));
    }
    CHECK(std::abs(w[0] - 3) < 1e-3);
}

TEST_CASE("kernels: sgd.step's bytes and flops") {
    Elements w(DType::f32, {10}), grad(DType::f32, {10}), velocity(DType::f32, {10});
    kernels::Arguments arguments;
    add(add(add(arguments, "w", w), "grad", grad), "velocity", velocity)
        .number("learning_rate", 1)
        .number("momentum", 0)
        .number("weight_decay", 0)
        .word("nesterov", "no");
    const kernels::Kernel& kernel = *kernels::find("sgd.step");
    CHECK(kernel.bytes(arguments) == 3 * 40);
    CHECK(kernel.flops(arguments) == 20);
    arguments.set_number("weight_decay", 0.1);
    CHECK(kernel.flops(arguments) == 40);
    arguments.set_number("momentum", 0.1);
    CHECK(kernel.bytes(arguments) == 5 * 40);
    CHECK(kernel.flops(arguments) == 60);
}

TEST_CASE("kernels: sgd.step refuses momentum without velocity and vectors that do not fit") {
    Elements w(DType::f32, {10}), grad(DType::f32, {10}), few(DType::f32, {9});
    kernels::Arguments arguments;
    add(add(arguments, "w", w), "grad", grad).number("learning_rate", 1);
    CHECK_NOTHROW(Side::check("sgd.step", arguments));
    kernels::Arguments ahead = arguments;
    CHECK_THROWS_WITH_AS(Side::check("sgd.step", ahead.word("nesterov", "yes")),
                         Contains("nesterov: yes without momentum"), ConfigError);
    CHECK_THROWS_WITH_AS(Side::check("sgd.step", arguments.number("momentum", 0.9)),
                         Contains("there is no 'velocity'"), ConfigError);
    kernels::Arguments with_few = arguments, twice = arguments;
    CHECK_THROWS_WITH_AS(Side::check("sgd.step", add(with_few, "velocity", few)),
                         Contains("'velocity' has 9"), ConfigError);
    CHECK_THROWS_WITH_AS(Side::check("sgd.step", add(twice, "velocity", w)),
                         Contains("'w' and 'velocity' overlap"), ConfigError);
}
