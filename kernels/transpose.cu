// SPDX-License-Identifier: Apache-2.0
#include "kernels/arguments.hpp"
#include "kernels/check.hpp"
#include "kernels/plan.cuh"

namespace warpstep::kernels::cuda {

constexpr int tile_edge = 32;
constexpr int tile_rows_at_once = 8;

/// A tile is read along its rows and written along its columns, so both sides are contiguous. Tiles
/// are numbered through: a grid has fewer rows than a matrix may have.
template <typename T>
__global__ void __launch_bounds__(tile_edge* tile_rows_at_once)
    transpose_tiles(std::int64_t rows, std::int64_t columns, const T* from, T* to) {
    __shared__ T tile[tile_edge][tile_edge + 1];
    const std::int64_t across = (columns + tile_edge - 1) / tile_edge;
    const std::int64_t first_row = blockIdx.x / across * tile_edge;
    const std::int64_t first_column = blockIdx.x % across * tile_edge;
    for (int r = threadIdx.y; r < tile_edge; r += tile_rows_at_once) {
        const std::int64_t i = first_row + r;
        const std::int64_t j = first_column + threadIdx.x;
        if (i < rows && j < columns) tile[r][threadIdx.x] = from[i * columns + j];
    }
    __syncthreads();
    for (int c = threadIdx.y; c < tile_edge; c += tile_rows_at_once) {
        const std::int64_t j = first_column + c;
        const std::int64_t i = first_row + threadIdx.x;
        if (i < rows && j < columns) to[j * rows + i] = tile[threadIdx.x][c];
    }
}

void transpose(const Arguments& arguments, Plan& plan) {
    const Argument& from = arguments.buffer("from");
    const auto [rows, columns] = arguments.matrix("from");
    const std::int64_t tiles = ceil_div(rows, tile_edge) * ceil_div(columns, tile_edge);
    if (tiles == 0) return;
    with_bits(from.dtype, [&, rows = rows, columns = columns](auto zero) {
        using T = decltype(zero);
        plan.launch<transpose_tiles<T>>(
            static_cast<unsigned>(tiles), dim3(tile_edge, tile_rows_at_once), 0, rows, columns,
            static_cast<const T*>(from.data), static_cast<T*>(arguments.buffer("to").data));
    });
}

}  // namespace warpstep::kernels::cuda
