// SPDX-License-Identifier: Apache-2.0
// Both kernels cut the rows into parts, one block each; the block turns a few rows at a time into
// residuals in shared memory and adds them up while those rows are still in its cache. A second
// launch adds the parts. The cut depends on the shape alone and every sum has one fixed order, so
// results are the same in every run and on every GPU.
#include <algorithm>

#include "kernels/arguments.hpp"
#include "kernels/check.hpp"
#include "kernels/plan.cuh"

namespace warpstep::kernels::cuda {

constexpr int rows_at_once = 64;
constexpr std::int64_t most_blocks = 512;
constexpr std::int64_t most_scratch = std::int64_t{1} << 20;  ///< elements: 8 MiB
constexpr int warp_threads = 32;

template <typename T>
struct Rows {
    const T* x;
    const T* y;
    const T* w;
    std::int64_t rows, features;
};

/// residuals[r] = x_r . w - y_r for `count` rows from `begin`. `lanes` neighbouring threads (a
/// power of two up to a warp) share a row. Every thread of the block must call.
template <typename T>
__device__ void compute_residuals(const Rows<T>& data, std::int64_t begin, int count, int lanes,
                                  double* residuals) {
    const int lane = threadIdx.x % lanes;
    const int groups = block_threads / lanes;
    // All groups take equally many turns, because the exchange between lanes needs the whole warp.
    for (int first = 0; first < count; first += groups) {
        const int r = first + static_cast<int>(threadIdx.x) / lanes;
        const T* row = data.x + (begin + r) * data.features;
        double sum = 0;
        for (std::int64_t j = lane; r < count && j < data.features; j += lanes) {
            sum = fma(static_cast<double>(row[j]), static_cast<double>(data.w[j]), sum);
        }
        for (int offset = lanes / 2; offset > 0; offset /= 2) {
            sum += __shfl_xor_sync(0xffffffffU, sum, offset);
        }
        if (lane == 0 && r < count) residuals[r] = sum - static_cast<double>(data.y[begin + r]);
    }
}

/// The sum of `value` over the block, in thread 0. Every thread of the block must call.
__device__ inline double sum_over_block(double value) {
    __shared__ double values[block_threads];
    values[threadIdx.x] = value;
    __syncthreads();
    for (int half = block_threads / 2; half > 0; half /= 2) {
        if (static_cast<int>(threadIdx.x) < half) values[threadIdx.x] += values[threadIdx.x + half];
        __syncthreads();
    }
    return values[0];
}

/// parts[(block, slice), j] = 2 * sum of residual_i * x_ij over the rows i of that slice of the
/// block. `width` threads (a power of two) stand side by side over the features, in block_threads /
/// width slices of the rows.
template <typename T>
__global__ void __launch_bounds__(block_threads)
    gradient_parts(Rows<T> data, int lanes, int width, double* parts) {
    __shared__ double residuals[rows_at_once];
    const std::int64_t first = data.rows * blockIdx.x / gridDim.x;
    const std::int64_t last = data.rows * (blockIdx.x + 1) / gridDim.x;
    const int column = threadIdx.x % width;
    const int slice = threadIdx.x / width;
    const int slices = block_threads / width;
    double* part = parts + (std::int64_t{blockIdx.x} * slices + slice) * data.features;

    for (std::int64_t begin = first; begin < last; begin += rows_at_once) {
        const auto count =
            static_cast<int>(last - begin < rows_at_once ? last - begin : rows_at_once);
        compute_residuals(data, begin, count, lanes, residuals);
        __syncthreads();
        for (std::int64_t j = column; j < data.features; j += width) {
            double sum = begin == first ? 0 : part[j];
            for (int r = slice; r < count; r += slices) {
                sum = fma(2 * residuals[r],
                          static_cast<double>(data.x[(begin + r) * data.features + j]), sum);
            }
            part[j] = sum;
        }
        __syncthreads();
    }
}

/// parts[block] = sum of residual_i^2 over the rows of the block.
template <typename T>
__global__ void __launch_bounds__(block_threads)
    squared_error_parts(Rows<T> data, int lanes, double* parts) {
    __shared__ double residuals[rows_at_once];
    const std::int64_t first = data.rows * blockIdx.x / gridDim.x;
    const std::int64_t last = data.rows * (blockIdx.x + 1) / gridDim.x;
    double sum = 0;
    for (std::int64_t begin = first; begin < last; begin += rows_at_once) {
        const auto count =
            static_cast<int>(last - begin < rows_at_once ? last - begin : rows_at_once);
        compute_residuals(data, begin, count, lanes, residuals);
        __syncthreads();
        const int r = threadIdx.x;
        if (r < count) sum = fma(residuals[r], residuals[r], sum);
        __syncthreads();
    }
    sum = sum_over_block(sum);
    if (threadIdx.x == 0) parts[blockIdx.x] = sum;
}

/// out[j] = sum over p of parts[p, j]; one block for each j of `width`.
template <typename T>
__global__ void __launch_bounds__(block_threads)
    add_parts(std::int64_t count, std::int64_t width, const double* parts, T* out) {
    for (std::int64_t j = blockIdx.x; j < width; j += gridDim.x) {
        double sum = 0;
        for (std::int64_t p = threadIdx.x; p < count; p += block_threads)
            sum += parts[p * width + j];
        sum = sum_over_block(sum);
        if (threadIdx.x == 0) out[j] = static_cast<T>(sum);
        __syncthreads();
    }
}

template <typename T>
void launch_add_parts(std::int64_t count, std::int64_t width, const double* parts, T* out,
                      Plan& plan) {
    const auto blocks = std::min<std::int64_t>(width, resident_blocks<add_parts<T>>());
    plan.launch<add_parts<T>>(static_cast<unsigned>(blocks), block_threads, 0, count, width, parts,
                              out);
}

template <typename T>
Rows<T> rows_of(const Arguments& arguments) {
    const Argument& y = arguments.buffer("y");
    const Argument& w = arguments.buffer("w");
    return {static_cast<const T*>(arguments.buffer("x").data), static_cast<const T*>(y.data),
            static_cast<const T*>(w.data), y.count, w.count};
}

/// The smallest power of two that is not below n, at most `most`.
int threads_for(std::int64_t n, int most) {
    int threads = 1;
    while (threads < n && threads < most) threads *= 2;
    return threads;
}

void linear_gradient(const Arguments& arguments, Plan& plan) {
    with_floating(arguments, {"x", "y", "w", "grad"}, [&](auto zero) {
        using T = decltype(zero);
        const Rows<T> data = rows_of<T>(arguments);
        const int lanes = threads_for(data.features, warp_threads);
        const int width = threads_for(data.features, block_threads);
        const std::int64_t slices = block_threads / width;
        const std::int64_t affordable =
            std::max<std::int64_t>(1, most_scratch / (slices * data.features));
        const std::int64_t blocks =
            std::min({ceil_div(data.rows, rows_at_once), most_blocks, affordable});
        const std::int64_t parts = blocks * slices;
        auto* scratch = plan.scratch_of<double>(parts * data.features);
        if (blocks > 0) {
            plan.launch<gradient_parts<T>>(static_cast<unsigned>(blocks), block_threads, 0, data,
                                           lanes, width, scratch);
        }
        launch_add_parts(parts, data.features, scratch,
                         static_cast<T*>(arguments.buffer("grad").data), plan);
    });
}

void linear_squared_error(const Arguments& arguments, Plan& plan) {
    with_floating(arguments, {"x", "y", "w"}, [&](auto zero) {
        using T = decltype(zero);
        const Rows<T> data = rows_of<T>(arguments);
        const std::int64_t blocks = std::min(ceil_div(data.rows, rows_at_once), most_blocks);
        auto* scratch = plan.scratch_of<double>(blocks);
        if (blocks > 0) {
            plan.launch<squared_error_parts<T>>(static_cast<unsigned>(blocks), block_threads, 0,
                                                data, threads_for(data.features, warp_threads),
                                                scratch);
        }
        launch_add_parts(blocks, 1, scratch, static_cast<double*>(arguments.buffer("error").data),
                         plan);
    });
}

}  // namespace warpstep::kernels::cuda
