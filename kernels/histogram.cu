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
constexpr int warps = block_threads / 32;

struct Bins {
    double lo, hi, scale;  ///< bins in a unit
    long long count;
    Count* counts;

    /// -1: none of them. `Index` holds every bin's number.
    template <typename Index, typename T>
    __device__ Index of(T x) const {
        const auto value = static_cast<double>(x);
        if (!(value >= lo && value < hi)) return -1;
        return min(static_cast<Index>((value - lo) * scale), static_cast<Index>(count - 1));
    }
};

/// Counts of one block in shared memory; every thread of the block must call the constructor and
/// finish(). Bins that do not fit there are FarCounts.
class NearCounts {
  public:
    __device__ explicit NearCounts(const Bins& bins)
        : bins_(bins), count_(static_cast<int>(bins.count)) {
        copies_ = min(local_counts / count_, warps);
        own_ = shared() + static_cast<int>(threadIdx.x) / 32 % copies_ * count_;
        for (int b = threadIdx.x; b < copies_ * count_; b += block_threads) shared()[b] = 0;
        __syncthreads();
    }
    template <typename T>
    __device__ void add(T x) {
        const int bin = bins_.of<int>(x);
        if (bin >= 0) atomicAdd(own_ + bin, 1U);
    }
    __device__ void finish() {
        __syncthreads();
        for (int b = threadIdx.x; b < count_; b += block_threads) {
            Count sum = 0;
            for (int c = 0; c < copies_; ++c) sum += shared()[c * count_ + b];
            if (sum > 0) atomicAdd(bins_.counts + b, sum);
        }
    }

  private:
    static __device__ unsigned* shared() {
        __shared__ unsigned counts[local_counts];
        return counts;
    }

    const Bins& bins_;
    int count_, copies_;
    unsigned* own_;
};

class FarCounts {
  public:
    __device__ explicit FarCounts(const Bins& bins) : bins_(bins) {}
    template <typename T>
    __device__ void add(T x) {
        const auto bin = bins_.of<long long>(x);
        if (bin >= 0) atomicAdd(bins_.counts + bin, Count{1});
    }
    __device__ void finish() {}

  private:
    const Bins& bins_;
};

template <typename Counts, typename P>
__device__ void count_pack(Counts& counts, P pack) {
#pragma unroll
    for (int k = 0; k < P::count; ++k) counts.add(pack.lane[k]);
}

/// Elements before `head` and after the last whole pack go one by one.
template <typename T, typename Counts>
__global__ void __launch_bounds__(block_threads)
    count_bins(std::int64_t n, std::int64_t head, const T* x, Bins bins) {
    Counts counts(bins);
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
        for (int k = 0; k < packs_in_flight; ++k) count_pack(counts, loaded[k]);
    }
    for (; i < packs; i += threads) count_pack(counts, body[i]);
    for (std::int64_t e = thread; e < head; e += threads) counts.add(x[e]);
    for (std::int64_t e = head + packs * P::count + thread; e < n; e += threads) counts.add(x[e]);
    counts.finish();
}

template <typename T, typename Counts>
void plan_counting(const Argument& x, const Bins& bins, Plan& plan) {
    const auto* data = static_cast<const T*>(x.data);
    const std::int64_t wanted =
        ceil_div(x.count, Pack<T>::count * packs_in_flight * std::int64_t{block_threads});
    const auto blocks = std::min<std::int64_t>(wanted, resident_blocks<count_bins<T, Counts>>());
    plan.launch<count_bins<T, Counts>>(static_cast<unsigned>(blocks), block_threads, 0, x.count,
                                       unaligned_head<T>(x.count, {data}), data, bins);
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
        if (bins.count <= local_counts) {
            plan_counting<T, NearCounts>(x, bins, plan);
        } else {
            plan_counting<T, FarCounts>(x, bins, plan);
        }
    });
}

}  // namespace warpstep::kernels::cuda
