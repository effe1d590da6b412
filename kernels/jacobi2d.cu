// SPDX-License-Identifier: Apache-2.0
// A block takes a tile of the grid. A thread walks down one column of it with three rows in
// registers, so every point is read once from memory; its neighbours to the left and right come out
// of the cache, where the threads beside it have put them.
#include <algorithm>

#include "kernels/check.hpp"
#include "kernels/jacobi2d.hpp"
#include "kernels/reduction.cuh"

namespace warpstep::kernels::cuda {

constexpr int tile_columns = 64;
constexpr int tile_strips = block_threads / tile_columns;  ///< of rows, one above the other
constexpr int strip_rows = 8;                              ///< of one thread
constexpr int tile_rows = tile_strips * strip_rows;

struct Grid2d {
    std::int64_t rows, columns;
};

/// The larger one, or NaN if there is one.
struct LargerChange {
    __device__ double operator()(double a, double b) const { return b <= a || a != a ? a : b; }
};

/// Rows [first, first + strip_rows) of column j. Returns the largest change.
template <typename T>
__device__ double sweep_strip(const Grid2d& grid, const T* from, T* to, std::int64_t first,
                              std::int64_t j) {
    // All rows of the strip are under way before the first is needed.
    T column[strip_rows + 2];
#pragma unroll
    for (int r = 0; r < strip_rows + 2; ++r) {
        const std::int64_t i = first + r - 1;
        column[r] = i >= 0 && i < grid.rows ? from[i * grid.columns + j] : T(0);
    }
    const bool inner_column = j > 0 && j < grid.columns - 1;
    T largest = 0;
#pragma unroll
    for (int r = 0; r < strip_rows; ++r) {
        const std::int64_t i = first + r;
        if (i >= grid.rows) break;
        const T* row = from + i * grid.columns;
        T value = column[r + 1];
        if (inner_column && i > 0 && i < grid.rows - 1) {
            value = ((column[r] + column[r + 2]) + (row[j - 1] + row[j + 1])) * T(0.25);
        }
        to[i * grid.columns + j] = value;
        const T difference = value - column[r + 1];
        const T change = difference < T(0) ? -difference : difference;
        if (!(change <= largest) && largest == largest) largest = change;
    }
    return static_cast<double>(largest);
}

/// `residual` is the bits of a double >= 0, which have the order of the numbers; NaN is above all.
template <typename T, bool with_residual>
__global__ void __launch_bounds__(block_threads)
    jacobi2d_tiles(Grid2d grid, const T* from, T* to, unsigned long long* residual) {
    const std::int64_t across = (grid.columns + tile_columns - 1) / tile_columns;
    const std::int64_t tiles = across * ((grid.rows + tile_rows - 1) / tile_rows);
    double largest = 0;
    for (std::int64_t tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
        const std::int64_t j = tile % across * tile_columns + threadIdx.x % tile_columns;
        const std::int64_t first =
            tile / across * tile_rows + static_cast<int>(threadIdx.x) / tile_columns * strip_rows;
        if (j < grid.columns && first < grid.rows) {
            largest = LargerChange{}(largest, sweep_strip(grid, from, to, first, j));
        }
    }
    if constexpr (with_residual) {
        largest = combine_block<block_threads>(largest, LargerChange{}, 0.0);
        if (threadIdx.x != 0) return;
        unsigned long long bits = 0;
        memcpy(&bits, &largest, sizeof bits);
        atomicMax(residual, bits & ~(1ULL << 63));
    }
}

__global__ void jacobi2d_no_residual(unsigned long long* residual) {
    *residual = 0;
}

template <typename T, bool with_residual>
void plan_tiles(const Grid2d& grid, const Arguments& arguments, unsigned long long* residual,
                Plan& plan) {
    const std::int64_t tiles =
        ceil_div(grid.rows, tile_rows) * ceil_div(grid.columns, tile_columns);
    if (tiles == 0) return;
    constexpr std::int64_t most_blocks_of_grid = 2147483647;
    constexpr auto kernel = jacobi2d_tiles<T, with_residual>;
    plan.launch<kernel>(static_cast<unsigned>(std::min(tiles, most_blocks_of_grid)), block_threads,
                        0, grid, static_cast<const T*>(arguments.buffer("from").data),
                        static_cast<T*>(arguments.buffer("to").data), residual);
}

void jacobi2d_sweep(const Arguments& arguments, Plan& plan) {
    with_floating(arguments, {"from", "to"}, [&](auto zero) {
        using T = decltype(zero);
        const Extents extents = arguments.matrix("from");
        const Grid2d grid{extents.rows, extents.columns};
        if (!arguments.has("residual")) return plan_tiles<T, false>(grid, arguments, nullptr, plan);
        auto* residual = static_cast<unsigned long long*>(arguments.buffer("residual").data);
        plan.launch<jacobi2d_no_residual>(1, 1, 0, residual);
        plan_tiles<T, true>(grid, arguments, residual, plan);
    });
}

struct Corners {
    double top_left, top_right, bottom_left, bottom_right;
};

template <typename T>
__device__ T between_corners(double a, double b, std::int64_t i, std::int64_t last) {
    if (last == 0) return static_cast<T>(a);
    return static_cast<T>(fma(b, static_cast<double>(i), a * static_cast<double>(last - i)) /
                          static_cast<double>(last));
}

/// Rows come last, as on the host: the corners of a grid of one column are theirs.
template <typename T>
__global__ void __launch_bounds__(block_threads)
    jacobi2d_edge_points(Grid2d grid, Corners corners, T* to) {
    const std::int64_t thread = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
    const std::int64_t threads = std::int64_t{gridDim.x} * blockDim.x;
    const std::int64_t last_row = grid.rows - 1;
    const std::int64_t last_column = grid.columns - 1;
    for (std::int64_t i = 1 + thread; i < last_row; i += threads) {
        T* row = to + i * grid.columns;
        row[0] = between_corners<T>(corners.top_left, corners.bottom_left, i, last_row);
        row[last_column] = between_corners<T>(corners.top_right, corners.bottom_right, i, last_row);
    }
    for (std::int64_t j = thread; j <= last_column; j += threads) {
        to[j] = between_corners<T>(corners.top_left, corners.top_right, j, last_column);
        to[last_row * grid.columns + j] =
            between_corners<T>(corners.bottom_left, corners.bottom_right, j, last_column);
    }
}

void jacobi2d_edges(const Arguments& arguments, Plan& plan) {
    with_floating(arguments, {"grid"}, [&](auto zero) {
        using T = decltype(zero);
        const Extents extents = arguments.matrix("grid");
        if (extents.rows == 0 || extents.columns == 0) return;
        const Corners corners{arguments.number("top_left"), arguments.number("top_right"),
                              arguments.number("bottom_left"), arguments.number("bottom_right")};
        const std::int64_t points = std::max(extents.rows, extents.columns);
        constexpr auto kernel = jacobi2d_edge_points<T>;
        const auto blocks =
            std::min<std::int64_t>(ceil_div(points, block_threads), resident_blocks<kernel>());
        plan.launch<kernel>(static_cast<unsigned>(blocks), block_threads, 0,
                            Grid2d{extents.rows, extents.columns}, corners,
                            static_cast<T*>(arguments.buffer("grid").data));
    });
}

}  // namespace warpstep::kernels::cuda
