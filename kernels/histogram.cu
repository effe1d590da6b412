// SPDX-License-Identifier: Apache-2.0
// A block counts in its own shared memory and adds to the bins once at the end; with more bins than
// fit there, it adds to the bins directly.
#include "kernels/check.hpp"
#include "kernels/reduction.cuh"

namespace warpstep::kernels::cuda {

constexpr int shared_bins = 4096;  ///< 16 KiB: several blocks stay resident

__global__ void clear_bins(std::int64_t count, unsigned long long* bins) {
    const std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
    if (i < count) bins[i] = 0;
}

struct Range {
    double lo, hi, scale;
    std::int64_t bins;

    /// -1: not counted.
    __device__ std::int64_t operator()(double x) const {
        if (!(x >= lo && x < hi)) return -1;
        const auto bin = static_cast<std::int64_t>((x - lo) * scale);
        return bin < bins ? bin : bins - 1;
    }
};

template <typename T>
__global__ void __launch_bounds__(block_threads)
    count_in_shared(std::int64_t n, Range range, const T* x, unsigned long long* bins) {
    __shared__ unsigned counts[shared_bins];
    for (int b = threadIdx.x; b < range.bins; b += block_threads) counts[b] = 0;
    __syncthreads();
    const std::int64_t threads = std::int64_t{gridDim.x} * blockDim.x;
    for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n;
         i += threads) {
        const std::int64_t bin = range(static_cast<double>(x[i]));
        if (bin >= 0) atomicAdd(&counts[bin], 1U);
    }
    __syncthreads();
    for (int b = threadIdx.x; b < range.bins; b += block_threads) {
        if (counts[b] != 0) atomicAdd(&bins[b], static_cast<unsigned long long>(counts[b]));
    }
}

template <typename T>
__global__ void __launch_bounds__(block_threads)
    count_directly(std::int64_t n, Range range, const T* x, unsigned long long* bins) {
    const std::int64_t threads = std::int64_t{gridDim.x} * blockDim.x;
    for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n;
         i += threads) {
        const std::int64_t bin = range(static_cast<double>(x[i]));
        if (bin >= 0) atomicAdd(&bins[bin], 1ULL);
    }
}

void histogram(const Arguments& arguments, Plan& plan) {
    const Argument& x = arguments.buffer("x");
    const Argument& bins = arguments.buffer("bins");
    auto* counts = static_cast<unsigned long long*>(bins.data);
    plan.launch<clear_bins>(static_cast<unsigned>(ceil_div(bins.count, block_threads)),
                            block_threads, 0, bins.count, counts);
    if (x.count == 0) return;
    const double lo = arguments.number("lo");
    const double hi = arguments.number("hi");
    const Range range{lo, hi, static_cast<double>(bins.count) / (hi - lo), bins.count};
    with_computable(x.dtype, [&](auto zero) {
        using T = decltype(zero);
        const auto* data = static_cast<const T*>(x.data);
        const std::int64_t wanted = ceil_div(x.count, block_threads);
        if (bins.count <= shared_bins) {
            const auto blocks =
                std::min<std::int64_t>(wanted, resident_blocks<count_in_shared<T>>());
            plan.launch<count_in_shared<T>>(static_cast<unsigned>(blocks), block_threads, 0,
                                            x.count, range, data, counts);
        } else {
            const auto blocks =
                std::min<std::int64_t>(wanted, resident_blocks<count_directly<T>>());
            plan.launch<count_directly<T>>(static_cast<unsigned>(blocks), block_threads, 0, x.count,
                                           range, data, counts);
        }
    });
}

}  // namespace warpstep::kernels::cuda
