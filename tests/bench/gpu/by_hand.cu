// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/gpu/by_hand.hpp"

#include <cub/device/device_histogram.cuh>
#include <cub/device/device_reduce.cuh>
#include <cub/device/device_scan.cuh>

namespace warpstep::bench::by_hand {
namespace {

template <Stream op>
__device__ double apply(double x, double y) {
    if (op == Stream::copy) return x;
    if (op == Stream::mul) return 0.4 * x;
    if (op == Stream::add) return x + y;
    return x + 0.4 * y;
}

template <Stream op>
constexpr bool two_inputs = op == Stream::add || op == Stream::triad;

template <Stream op>
__global__ void one_each(double* out, const double* x, const double* y) {
    const std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
    out[i] = apply<op>(x[i], two_inputs<op> ? y[i] : 0.0);
}

template <Stream op>
__global__ void packs(std::int64_t n, double2* out, const double2* x, const double2* y) {
    const std::int64_t step = std::int64_t{gridDim.x} * blockDim.x;
    for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n; i += step) {
        const double2 a = x[i];
        const double2 b = two_inputs<op> ? y[i] : double2{0, 0};
        out[i] = {apply<op>(a.x, b.x), apply<op>(a.y, b.y)};
    }
}

__global__ void axpy_kernel(std::int64_t n, float alpha, const float* x, float* y) {
    const std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
    if (i < n) y[i] = fmaf(alpha, x[i], y[i]);
}

__global__ void scatter_kernel(std::int64_t n, float* x) {
    const std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
    if (i < n) x[i] = static_cast<float>(static_cast<int>(i * 2654435761U)) * 0x1p-31F;
}

template <typename Body>
void with_op(Stream op, Body&& body) {
    switch (op) {
        case Stream::copy:
            return body.template operator()<Stream::copy>();
        case Stream::mul:
            return body.template operator()<Stream::mul>();
        case Stream::add:
            return body.template operator()<Stream::add>();
        case Stream::triad:
            return body.template operator()<Stream::triad>();
    }
}

}  // namespace

void stream_one_each(Stream op, std::int64_t n, double* out, const double* x, const double* y,
                     cudaStream_t stream) {
    with_op(op, [&]<Stream chosen>() {
        one_each<chosen><<<static_cast<unsigned>(n / 1024), 1024, 0, stream>>>(out, x, y);
    });
}

void stream_packs(Stream op, std::int64_t n, double* out, const double* x, const double* y,
                  int blocks, cudaStream_t stream) {
    with_op(op, [&]<Stream chosen>() {
        packs<chosen><<<static_cast<unsigned>(blocks), 512, 0, stream>>>(
            n / 2, reinterpret_cast<double2*>(out), reinterpret_cast<const double2*>(x),
            reinterpret_cast<const double2*>(y));
    });
}

void axpy(std::int64_t n, float alpha, const float* x, float* y, cudaStream_t stream) {
    axpy_kernel<<<static_cast<unsigned>(n / 256), 256, 0, stream>>>(n, alpha, x, y);
}

void scatter(std::int64_t n, float* x, cudaStream_t stream) {
    scatter_kernel<<<static_cast<unsigned>(n / 256), 256, 0, stream>>>(n, x);
}

cudaError_t cub_sum(void* scratch, std::size_t& bytes, const float* x, float* sum, std::int64_t n,
                    cudaStream_t stream) {
    return cub::DeviceReduce::Sum(scratch, bytes, x, sum, n, stream);
}

cudaError_t cub_scan(void* scratch, std::size_t& bytes, const long long* x, long long* y,
                     std::int64_t n, cudaStream_t stream) {
    return cub::DeviceScan::InclusiveSum(scratch, bytes, x, y, n, stream);
}

cudaError_t cub_histogram(void* scratch, std::size_t& bytes, const float* x, int* bins, int count,
                          std::int64_t n, cudaStream_t stream) {
    return cub::DeviceHistogram::HistogramEven(scratch, bytes, x, bins, count + 1, -1.0F, 1.0F,
                                               static_cast<int>(n), stream);
}

}  // namespace warpstep::bench::by_hand
