// SPDX-License-Identifier: Apache-2.0
#include "kernels/arguments.hpp"
#include "kernels/check.hpp"
#include "kernels/plan.cuh"

namespace warpstep::kernels::cuda {

/// Elements of up to four bytes need larger tiles to have as many bytes under way.
template <typename T>
constexpr int tile_extent = sizeof(T) == 8 ? 32 : 64;

/// A tile is read along its rows and written along its columns, so both sides are contiguous. Tiles
/// are numbered through: a grid has fewer rows than a matrix may have.
template <typename T>
__global__ void __launch_bounds__(block_threads)
    transpose_tiles(std::int64_t rows, std::int64_t columns, const T* from, T* to) {
    constexpr int extent = tile_extent<T>;
    constexpr int rows_at_once = block_threads / extent;
    // A row of one element more shifts the banks, so that a warp reads a column without conflict.
    __shared__ T tile[extent][extent + 1];
    const std::int64_t tiles_across = (columns + extent - 1) / extent;
    const std::int64_t row = blockIdx.x / tiles_across * extent;
    const std::int64_t column = blockIdx.x % tiles_across * extent;
    const int across = static_cast<int>(threadIdx.x) % extent;
    const int down = static_cast<int>(threadIdx.x) / extent;

#pragma unroll
    for (int k = down; k < extent; k += rows_at_once) {
        if (row + k < rows && column + across < columns) {
            tile[k][across] = from[(row + k) * columns + column + across];
        }
    }
    __syncthreads();
#pragma unroll
    for (int k = down; k < extent; k += rows_at_once) {
        if (column + k < columns && row + across < rows) {
            to[(column + k) * rows + row + across] = tile[across][k];
        }
    }
}

void transpose(const Arguments& arguments, Plan& plan) {
    const Argument& from = arguments.buffer("from");
    const auto [rows, columns] = arguments.matrix("from");
    with_bits(from.dtype, [&, rows = rows, columns = columns](auto zero) {
        using T = decltype(zero);
        const std::int64_t tiles =
            ceil_div(rows, tile_extent<T>) * ceil_div(columns, tile_extent<T>);
        if (tiles == 0) return;
        plan.launch<transpose_tiles<T>>(static_cast<unsigned>(tiles), block_threads, 0, rows,
                                        columns, static_cast<const T*>(from.data),
                                        static_cast<T*>(arguments.buffer("to").data));
    });
}

}  // namespace warpstep::kernels::cuda
