// SPDX-License-Identifier: Apache-2.0
#include "kernels/linear.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

#include "runtime/base/error.hpp"

using namespace warpstep;
using device::host::Cores;
using kernels::Arguments;

namespace {

template <typename T>
struct Problem {
    std::int64_t rows, features;
    std::vector<T> x, y, w, grad;
    double error = -1;

    Problem(std::int64_t r, std::int64_t f) : rows(r), features(f) {
        std::mt19937 generator(7);
        std::uniform_real_distribution<T> uniform(-1, 1);
        const auto fill = [&](std::vector<T>& values, std::int64_t n) {
            for (std::int64_t i = 0; i < n; ++i) values.push_back(uniform(generator));
        };
        fill(x, rows * features);
        fill(y, rows);
        fill(w, features);
        grad.assign(static_cast<std::size_t>(features), 99);
    }
    Arguments arguments() {
        const DType dtype = sizeof(T) == 4 ? DType::f32 : DType::f64;
        Arguments result;
        result.buffer("x", x.data(), rows * features, dtype)
            .buffer("y", y.data(), rows, dtype)
            .buffer("w", w.data(), features, dtype)
            .buffer("grad", grad.data(), features, dtype)
            .buffer("error", &error, 1, DType::f64);
        return result;
    }
    long double residual(std::int64_t i) const {
        long double sum = 0;
        for (std::int64_t j = features; j-- > 0;) {
            sum += static_cast<long double>(x[static_cast<std::size_t>(i * features + j)]) *
                   w[static_cast<std::size_t>(j)];
        }
        return sum - y[static_cast<std::size_t>(i)];
    }
    double squared_error() {
        kernels::linear::squared_error(arguments(), Cores(1));
        return error;
    }
};

}  // namespace

TEST_CASE_TEMPLATE("kernels: the gradient equals the formula in long double", T, float, double) {
    for (const std::int64_t rows : {0, 1, 33, 5000}) {
        for (const std::int64_t features : {1, 2, 11}) {
            CAPTURE(rows);
            CAPTURE(features);
            Problem<T> problem(rows, features);
            kernels::linear::check_gradient(problem.arguments());
            kernels::linear::gradient(problem.arguments(), Cores(2));
            for (std::int64_t j = 0; j < features; ++j) {
                long double expected = 0;
                for (std::int64_t i = 0; i < rows; ++i) {
                    expected += 2 * problem.residual(i) *
                                problem.x[static_cast<std::size_t>(i * features + j)];
                }
                const double got = problem.grad[static_cast<std::size_t>(j)];
                const double precision = sizeof(T) == 4 ? 6.0e-8 : 1e-13;
                CHECK(std::abs(got - static_cast<double>(expected)) <=
                      precision * (1 + std::abs(static_cast<double>(expected))));
            }
        }
    }
}

TEST_CASE("kernels: the gradient is the slope of the squared error") {
    Problem<double> problem(200, 5);
    kernels::linear::gradient(problem.arguments(), Cores(1));
    const double step = 1e-3;  // the error is quadratic: a central difference has no truncation
    for (std::size_t j = 0; j < 5; ++j) {
        const double middle = problem.w[j];
        problem.w[j] = middle + step;
        const double above = problem.squared_error();
        problem.w[j] = middle - step;
        const double below = problem.squared_error();
        problem.w[j] = middle;
        CHECK(problem.grad[j] == doctest::Approx((above - below) / (2 * step)).epsilon(1e-8));
    }
}

TEST_CASE_TEMPLATE("kernels: the squared error equals the formula in long double", T, float,
                   double) {
    for (const std::int64_t rows : {0, 1, 33, 50'001}) {
        CAPTURE(rows);
        Problem<T> problem(rows, 3);
        kernels::linear::check_squared_error(problem.arguments());
        long double expected = 0;
        for (std::int64_t i = 0; i < rows; ++i) {
            expected += problem.residual(i) * problem.residual(i);
        }
        CHECK(problem.squared_error() ==
              doctest::Approx(static_cast<double>(expected)).epsilon(1e-12));
    }
}

TEST_CASE("kernels: the squared error has the same bits whatever the number of cores") {
    Problem<float> problem(50'001, 3);
    const double alone = problem.squared_error();
    for (int cores = 2; cores <= 4; ++cores) {
        kernels::linear::squared_error(problem.arguments(), Cores(cores));
        CHECK(problem.error == alone);
    }
}

TEST_CASE("kernels: without rows the gradient and the squared error are zero") {
    Problem<float> problem(0, 4);
    kernels::linear::gradient(problem.arguments(), Cores(1));
    CHECK(problem.grad == std::vector<float>(4, 0));
    CHECK(problem.squared_error() == 0);
}
