// SPDX-License-Identifier: Apache-2.0
// Not CUB's: its bins of floating elements are rounded otherwise than the contract says, and the
// host could not repeat them. The method is the same: every block counts in shared memory, one
// copy of the bins for each warp as long as they fit, and adds its counts at the end. Many bins are
// counted in global memory, where few elements meet in one bin.
#include <algorithm>

#include "kernels/arguments.hpp"
#include "kernels/check.hpp"
#include "kernels/transform.cuh"

namespace warpstep::kernels::cuda {

using Count = unsigned long long;
constexpr int local_counts = 4096;  ///< of one block: 16 KiB

struct Bins {
    double lo, hi, scale;  ///< bins in a unit
    long long count;
    Count* counts;

    /// -1: none of them.
    template <typename T>
    __device__ long long of(T x) const {
        const auto value = static_cast<double>(x);
        if (!(value >= lo && value < hi)) return -1;
        const auto bin = static_cast<long long>((value - lo) * scale);
        return bin < count ? bin : count - 1;
    }
};

/// The counts of one block; every thread of the block must call the constructor and finish().
struct LocalCounts {
    unsigned* counts;
    const Bins& bins;
    long long copies;

    __device__ LocalCounts(unsigned* shared, const Bins& all) : counts(shared), bins(all) {
        const long long fit = local_counts / bins.count;
        copies = fit < block_threads / 32 ? fit : block_threads / 32;
        for (long long b = threadIdx.x; b < copies * bins.count; b += block_threads) counts[b] = 0;
        __syncthreads();
    }
    template <typename T>
    __device__ void add(T x) {
        const long long bin = bins.of(x);
        if (bin < 0) return;
        if (copies == 0) {
            atomicAdd(bins.counts + bin, Count{1});
        } else {
            atomicAdd(counts + threadIdx.x / 32 % copies * bins.count + bin, 1U);
        }
    }
    __device__ void finish() {
        __syncthreads();
        if (copies == 0) return;
        for (long long b = threadIdx.x; b < bins.count; b += block_threads) {
            Count sum = 0;
            for (long long c = 0; c < copies; ++c) sum += counts[c * bins.count + b];
            if (sum > 0) atomicAdd(bins.counts + b, sum);
        }
    }
};

template <typename P, typename T>
__device__ void count_pack(LocalCounts& counts, P pack) {
#pragma unroll
    for (int k = 0; k < P::count; ++k) counts.add(pack.lane[k]);
}

/// Elements before `head` and after the last whole pack go one by one.
template <typename T>
__global__ void __launch_bounds__(block_threads)
    count_bins(std::int64_t n, std::int64_t head, const T* x, Bins bins) {
    __shared__ unsigned shared[local_counts];
    LocalCounts counts(shared, bins);
    using P = Pack<T>;
    const std::int64_t thread = std::int64_t{blockIdx.x} * block_threads + threadIdx.x;
    const std::int64_t threads = std::int64_t{gridDim.x} * block_threads;
    const std::int64_t packs = (n - head) / P::count;
    const auto* body = reinterpret_cast<const P*>(x + head);
    std::int64_t i = thread;
    for (; i + (packs_in_flight - 1) * threads < packs; i += packs_in_flight * threads) {
        P loaded[packs_in_flight];
#pragma unroll
        for (int k = 0; k < packs_in_flight; ++k) loaded[k] = body[i + k * threads];
#pragma unroll
        for (int k = 0; k < packs_in_flight; ++k) count_pack<P, T>(counts, loaded[k]);
    }
    for (; i < packs; i += threads) count_pack<P, T>(counts, body[i]);
    for (std::int64_t e = thread; e < head; e += threads) counts.add(x[e]);
    for (std::int64_t e = head + packs * P::count + thread; e < n; e += threads) counts.add(x[e]);
    counts.finish();
}

void histogram(const Arguments& arguments, Plan& plan) {
    const Argument& x = arguments.buffer("x");
    const Argument& result = arguments.buffer("bins");
    const double lo = arguments.number("lo");
    const double hi = arguments.number("hi");
    const Bins bins{lo, hi, static_cast<double>(result.count) / (hi - lo), result.count,
                    static_cast<Count*>(result.data)};
    plan.call([data = result.data, bytes = result.bytes()](cudaStream_t stream) {
        WARPSTEP_CUDA_CHECK(cudaMemsetAsync(data, 0, bytes, stream));
    });
    if (x.count == 0) return;
    with_computable(x.dtype, [&](auto zero) {
        using T = decltype(zero);
        const auto* data = static_cast<const T*>(x.data);
        const std::int64_t wanted =
            ceil_div(x.count, Pack<T>::count * packs_in_flight * std::int64_t{block_threads});
        const auto blocks = std::min<std::int64_t>(wanted, resident_blocks<count_bins<T>>());
        plan.launch<count_bins<T>>(static_cast<unsigned>(blocks), block_threads, 0, x.count,
                                   unaligned_head<T>(x.count, {data}), data, bins);
    });
}

}  // namespace warpstep::kernels::cuda
