// SPDX-License-Identifier: Apache-2.0
#include "kernels/jacobi2d.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>

#include "kernels/check.hpp"
#include "kernels/host_rows.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/host_clones.hpp"

namespace warpstep::kernels::jacobi2d {
namespace {

using device::host::Cores;

WARPSTEP_HOST_CLONES void sweep_row(const float* north, const float* row, const float* south,
                                    std::int64_t columns, float* to) {
    for (std::int64_t j = 1; j + 1 < columns; ++j) {
        to[j] = ((north[j] + south[j]) + (row[j - 1] + row[j + 1])) * 0.25F;
    }
}

WARPSTEP_HOST_CLONES void sweep_row(const double* north, const double* row, const double* south,
                                    std::int64_t columns, double* to) {
    for (std::int64_t j = 1; j + 1 < columns; ++j) {
        to[j] = ((north[j] + south[j]) + (row[j - 1] + row[j + 1])) * 0.25;
    }
}

template <typename T>
void sweep_rows(const T* from, T* to, const Extents& grid, std::int64_t begin, std::int64_t end) {
    const std::int64_t n = grid.columns;
    for (std::int64_t i = begin; i < end; ++i) {
        const T* row = from + i * n;
        if (i == 0 || i == grid.rows - 1 || n < 3) {
            std::copy(row, row + n, to + i * n);
            continue;
        }
        to[i * n] = row[0];
        sweep_row(row - n, row, row + n, n, to + i * n);
        to[i * n + n - 1] = row[n - 1];
    }
}

// NaN, once met, stays.
template <typename T>
double largest_change(const T* from, const T* to, std::int64_t count) {
    T largest = 0;
    for (std::int64_t e = 0; e < count; ++e) {
        const T change = std::abs(to[e] - from[e]);
        if (!(change <= largest)) largest = change;
        if (std::isnan(change)) break;
    }
    return static_cast<double>(largest);
}

template <typename T>
void edges_of(T* grid, const Extents& extents, const Arguments& arguments) {
    const double tl = arguments.number("top_left");
    const double tr = arguments.number("top_right");
    const double bl = arguments.number("bottom_left");
    const double br = arguments.number("bottom_right");
    const auto between = [](double a, double b, std::int64_t i, std::int64_t last) {
        if (last == 0) return static_cast<T>(a);
        const auto from_end = static_cast<double>(last - i);
        return static_cast<T>(std::fma(b, static_cast<double>(i), a * from_end) /
                              static_cast<double>(last));
    };
    const std::int64_t last_row = extents.rows - 1;
    const std::int64_t last_column = extents.columns - 1;
    for (std::int64_t i = 0; i <= last_row; ++i) {
        grid[i * extents.columns] = between(tl, bl, i, last_row);
        grid[i * extents.columns + last_column] = between(tr, br, i, last_row);
    }
    for (std::int64_t j = 0; j <= last_column; ++j) {
        grid[j] = between(tl, tr, j, last_column);
        grid[last_row * extents.columns + j] = between(bl, br, j, last_column);
    }
}

}  // namespace

void check_sweep(const Arguments& arguments) {
    check_floating(arguments, {"from", "to"});
    const Extents from = arguments.matrix("from");
    const Extents to = arguments.matrix("to");
    if (from.rows != to.rows || from.columns != to.columns) {
        fail<ConfigError>(
            "'from' is [{}, {}] but 'to' is [{}, {}] (they are one grid before and after); change "
            "a shape",
            from.rows, from.columns, to.rows, to.columns);
    }
    check_no_overlap(arguments, {"from", "to"});
    if (!arguments.has("residual")) return;
    check_result(arguments.buffer("residual"), DType::f64, 1);
    check_no_overlap(arguments, {"from", "to", "residual"});
}

void check_edges(const Arguments& arguments) {
    check_floating(arguments, {"grid"});
    arguments.matrix("grid");
}

void sweep(const Arguments& arguments, const device::host::Cores& cores) {
    with_floating(arguments, {"from", "to"}, [&](auto zero) {
        using T = decltype(zero);
        const Extents grid = arguments.matrix("from");
        const T* from = static_cast<const T*>(arguments.buffer("from").data);
        T* to = static_cast<T*>(arguments.buffer("to").data);
        // The bits of numbers >= 0 have the order of the numbers, and NaN is above all of them.
        std::atomic<std::uint64_t> residual{0};
        for_rows(cores, grid.rows, grid.columns, [&](std::int64_t begin, std::int64_t end) {
            sweep_rows(from, to, grid, begin, end);
            if (!arguments.has("residual")) return;
            const std::int64_t n = grid.columns;
            const auto mine = std::bit_cast<std::uint64_t>(
                std::abs(largest_change(from + begin * n, to + begin * n, (end - begin) * n)));
            std::uint64_t known = residual;
            while (mine > known && !residual.compare_exchange_weak(known, mine)) {
            }
        });
        if (!arguments.has("residual")) return;
        *static_cast<double*>(arguments.buffer("residual").data) =
            std::bit_cast<double>(residual.load());
    });
}

void edges(const Arguments& arguments, const device::host::Cores&) {
    with_floating(arguments, {"grid"}, [&](auto zero) {
        using T = decltype(zero);
        const Argument& grid = arguments.buffer("grid");
        if (grid.count > 0)
            edges_of(static_cast<T*>(grid.data), arguments.matrix("grid"), arguments);
    });
}

}  // namespace warpstep::kernels::jacobi2d
