// SPDX-License-Identifier: Apache-2.0
// What a user would write without warpstep: kernels launched with <<<>>>, CUB called directly.
// Plain functions, because the CUDA compiler cannot read the headers of the rooms.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

namespace warpstep::bench::by_hand {

enum class Stream { copy, mul, add, triad };
/// c = a, b = 0.4 c, c = a + b, a = b + 0.4 c over n elements (a multiple of 1024), in the two
/// shapes of public benchmarks: one element for each thread, or 16-byte packs in a loop over a
/// grid.
void stream_one_each(Stream op, std::int64_t n, double* out, const double* x, const double* y,
                     cudaStream_t stream);
void stream_packs(Stream op, std::int64_t n, double* out, const double* x, const double* y,
                  int blocks, cudaStream_t stream);

/// y = alpha x + y over n elements (a multiple of 256).
void axpy(std::int64_t n, float alpha, const float* x, float* y, cudaStream_t stream);

/// x = numbers of [-1, 1) in no order, as every run makes them.
void scatter(std::int64_t n, float* x, cudaStream_t stream);

// CUB: without scratch memory they tell how much they want.
cudaError_t cub_sum(void* scratch, std::size_t& bytes, const float* x, float* sum, std::int64_t n,
                    cudaStream_t stream);
cudaError_t cub_scan(void* scratch, std::size_t& bytes, const long long* x, long long* y,
                     std::int64_t n, cudaStream_t stream);
cudaError_t cub_histogram(void* scratch, std::size_t& bytes, const float* x, int* bins, int count,
                          std::int64_t n, cudaStream_t stream);

}  // namespace warpstep::bench::by_hand
