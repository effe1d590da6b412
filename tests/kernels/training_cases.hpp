// SPDX-License-Identifier: Apache-2.0
// What sgd.step and mean_squared_error must do on every side.
#pragma once

#include <doctest/doctest.h>

#include <cmath>

#include "tests/kernels/launcher.hpp"

namespace warpstep::test {

inline double slope(std::int64_t i) {
    return std::cos(static_cast<double>(i) * 1.3) / static_cast<double>(1 + i % 5);
}

struct SgdRates {
    double learning_rate = 0.1, momentum = 0, weight_decay = 0;
    bool nesterov = false;
};

/// Three steps, equal to the formula in the type's own arithmetic, one fma per line.
template <typename T>
void check_sgd(Side& side, DType dtype, const SgdRates& rates) {
    for (const std::int64_t n : {0, 1, 3, 257, 20'000}) {
        for (const std::size_t offset : {0, 1}) {
            CAPTURE(n);
            CAPTURE(offset);
            Elements w(dtype, {n}, offset), grad(dtype, {n}, offset), velocity(dtype, {n}, 1);
            w.fill(slope);
            std::vector<T> wanted, speed(static_cast<std::size_t>(n), 0);
            for (std::int64_t i = 0; i < n; ++i) wanted.push_back(static_cast<T>(w[i]));
            for (int step = 0; step < 3; ++step) {
                grad.fill([&](std::int64_t i) { return slope(i + 100 * step); });
                kernels::Arguments arguments;
                add(add(arguments, "w", w), "grad", grad);
                if (rates.momentum != 0) add(arguments, "velocity", velocity);
                side.run("sgd.step", arguments.number("learning_rate", rates.learning_rate)
                                         .number("momentum", rates.momentum)
                                         .number("weight_decay", rates.weight_decay)
                                         .word("nesterov", rates.nesterov ? "yes" : "no"));
                for (std::int64_t i = 0; i < n; ++i) {
                    const auto e = static_cast<std::size_t>(i);
                    const auto mu = static_cast<T>(rates.momentum);
                    T d = std::fma(static_cast<T>(rates.weight_decay), wanted[e],
                                   static_cast<T>(grad[i]));
                    if (mu != 0) {
                        speed[e] = std::fma(mu, speed[e], d);
                        d = rates.nesterov ? std::fma(mu, speed[e], d) : speed[e];
                    }
                    wanted[e] = std::fma(-static_cast<T>(rates.learning_rate), d, wanted[e]);
                }
                std::int64_t wrong = 0;
                for (std::int64_t i = 0; i < n; ++i) {
                    const auto e = static_cast<std::size_t>(i);
                    if (static_cast<T>(w[i]) != wanted[e]) ++wrong;
                    if (rates.momentum != 0 && static_cast<T>(velocity[i]) != speed[e]) ++wrong;
                }
                CHECK(wrong == 0);
            }
        }
    }
}

inline void check_all_sgd(Side& side) {
    for (const SgdRates& rates : {SgdRates{}, SgdRates{0.01, 0, 0.1, false},
                                  SgdRates{0.1, 0.9, 0, false}, SgdRates{0.1, 0.9, 0.01, true}}) {
        CAPTURE(rates.momentum);
        CAPTURE(rates.nesterov);
        check_sgd<float>(side, DType::f32, rates);
        check_sgd<double>(side, DType::f64, rates);
    }
}

inline void check_mean_squared_error(Side& side, DType dtype) {
    for (const std::int64_t n : {1, 2, 1001, 100'003}) {
        for (const std::size_t offset : {0, 1}) {
            CAPTURE(n);
            Elements x(dtype, {n}, offset), y(dtype, {n}), error(DType::f64, {1});
            x.fill(slope);
            y.fill([](std::int64_t i) { return slope(i * 7 + 1); });
            long double sum = 0;
            for (std::int64_t i = 0; i < n; ++i) {
                sum += static_cast<long double>(x[i] - y[i]) * (x[i] - y[i]);
            }
            kernels::Arguments arguments;
            side.run("mean_squared_error",
                     add(add(add(arguments, "x", x), "y", y), "error", error));
            CHECK(error[0] == doctest::Approx(static_cast<double>(sum / n)).epsilon(1e-13));
            // The error of a vector against itself is nothing at all.
            kernels::Arguments same;
            side.run("mean_squared_error", add(add(add(same, "x", x), "y", x), "error", error));
            CHECK(error[0] == 0);
        }
    }
    Elements none(dtype, {0}), error(DType::f64, {1});
    kernels::Arguments arguments;
    side.run("mean_squared_error", add(add(add(arguments, "x", none), "y", none), "error", error));
    CHECK(std::isnan(error[0]));
}

}  // namespace warpstep::test
