// SPDX-License-Identifier: Apache-2.0
// What jacobi2d must do on every side.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tests/kernels/launcher.hpp"

namespace warpstep::test {

inline double wavy(std::int64_t i) {
    return std::sin(static_cast<double>(i) * 0.7) * 100 + static_cast<double>(i % 13);
}

/// The definition, for one type.
template <typename T>
void sweep_plainly(const Elements& from, Elements& to, double& residual) {
    const std::int64_t rows = from.shape()[0], columns = from.shape()[1];
    const auto at = [&](std::int64_t i, std::int64_t j) {
        return static_cast<T>(from[i * columns + j]);
    };
    residual = 0;
    for (std::int64_t i = 0; i < rows; ++i) {
        for (std::int64_t j = 0; j < columns; ++j) {
            T value = at(i, j);
            if (i > 0 && j > 0 && i < rows - 1 && j < columns - 1) {
                const T vertical = at(i - 1, j) + at(i + 1, j);
                const T horizontal = at(i, j - 1) + at(i, j + 1);
                value = (vertical + horizontal) / 4;
            }
            to.set(i * columns + j, static_cast<double>(value));
            residual = std::max(residual, static_cast<double>(std::abs(value - at(i, j))));
        }
    }
}

template <typename T>
void check_sweep(Side& side, DType dtype) {
    const std::vector<std::vector<std::int64_t>> shapes{
        {0, 5}, {5, 0}, {1, 1}, {1, 9}, {9, 1}, {2, 2}, {3, 3}, {3, 200}, {200, 3}, {67, 131}};
    for (const auto& shape : shapes) {
        for (const std::size_t offset : {0, 1}) {
            CAPTURE(shape[0]);
            CAPTURE(shape[1]);
            Elements from(dtype, shape, offset), to(dtype, shape, offset), expected(dtype, shape);
            Elements residual(DType::f64, {1});
            from.fill(wavy);
            to.fill([](std::int64_t) { return -7; });
            residual.set(0, 1e300);
            double largest = 0;
            sweep_plainly<T>(from, expected, largest);
            kernels::Arguments arguments;
            add(add(arguments, "from", from), "to", to);
            side.run("jacobi2d", arguments);
            CHECK(to.same_bits(expected));
            add(arguments, "residual", residual);
            side.run("jacobi2d", arguments);
            CHECK(to.same_bits(expected));
            CHECK(residual[0] == largest);
        }
    }
}

inline void check_sweep_keeps_nan(Side& side) {
    for (const std::int64_t place : {0, 40 * 30 + 17, 63 * 70 + 68}) {
        Elements from(DType::f64, {64, 70}), to(DType::f64, {64, 70}), residual(DType::f64, {1});
        from.fill(wavy);
        from.set(place, std::numeric_limits<double>::quiet_NaN());
        kernels::Arguments arguments;
        side.run("jacobi2d",
                 add(add(add(arguments, "from", from), "to", to), "residual", residual));
        CHECK(std::isnan(residual[0]));
    }
}

inline void check_edges(Side& side, DType dtype) {
    const std::vector<std::vector<std::int64_t>> shapes{{1, 1}, {1, 6}, {6, 1}, {5, 7}, {300, 2}};
    for (const auto& shape : shapes) {
        const std::int64_t rows = shape[0], columns = shape[1];
        CAPTURE(rows);
        CAPTURE(columns);
        Elements grid(dtype, shape);
        grid.fill([](std::int64_t) { return -1; });
        // u(i, j) = 3 i + 5 j is linear, so every edge point is a whole number.
        const auto u = [](std::int64_t i, std::int64_t j) {
            return static_cast<double>(3 * i + 5 * j);
        };
        kernels::Arguments arguments;
        add(arguments, "grid", grid)
            .number("top_left", u(0, 0))
            .number("top_right", u(0, columns - 1))
            .number("bottom_left", u(rows - 1, 0))
            .number("bottom_right", u(rows - 1, columns - 1));
        side.run("jacobi2d.edges", arguments);
        for (std::int64_t i = 0; i < rows; ++i) {
            for (std::int64_t j = 0; j < columns; ++j) {
                const bool edge = i == 0 || j == 0 || i == rows - 1 || j == columns - 1;
                CHECK(grid[i * columns + j] == (edge ? u(i, j) : -1));
            }
        }
    }
}

}  // namespace warpstep::test
