// SPDX-License-Identifier: Apache-2.0
// One value out of many elements. The elements are cut into parts by their number (and alignment)
// alone and every part has one fixed order, so the result is the same in every run and on every
// GPU.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/transform.cuh"

namespace warpstep::kernels::cuda {

/// Several waves of a large GPU, so that fast multiprocessors take more parts than slow ones (see
/// transform.cuh); few enough for one block to read the parts in a few microseconds.
constexpr std::int64_t most_parts = 4096;
constexpr int warp_lanes = 32;
constexpr int last_threads = 1024;  ///< of the one block that combines the parts

/// The combination of all threads' values, in thread 0. Every thread of the block must call.
template <int threads, typename A, typename Combine>
__device__ A combine_block(A value, Combine combine, A start) {
    for (int offset = warp_lanes / 2; offset > 0; offset /= 2) {
        value = combine(value, __shfl_xor_sync(0xffffffffU, value, offset));
    }
    __shared__ A of_warp[threads / warp_lanes];
    const int warp = static_cast<int>(threadIdx.x) / warp_lanes;
    if (threadIdx.x % warp_lanes == 0) of_warp[warp] = value;
    __syncthreads();
    A result = start;
    if (threadIdx.x == 0) {
        for (int w = 0; w < threads / warp_lanes; ++w) result = combine(result, of_warp[w]);
    }
    __syncthreads();
    return result;
}

/// The combination over the lanes of packs taken by value, which are loaded as wholes.
template <int lanes, typename A, typename Value, typename Combine, typename... Packs>
__device__ A combine_pack(A sum, const Value& value, const Combine& combine, Packs... in) {
#pragma unroll
    for (int k = 0; k < lanes; ++k) sum = combine(sum, value(in.lane[k]...));
    return sum;
}

/// parts[block] = combination of value(in[i]...) over the elements of this block. Elements before
/// `head` and after the last whole pack go one by one.
template <typename T, int lanes, typename A, typename Value, typename Combine, typename... Inputs>
__global__ void __launch_bounds__(block_threads)
    reduce_parts(std::int64_t n, std::int64_t head, Value value, Combine combine, A start, A* parts,
                 Inputs... in) {
    using P = Pack<T, lanes>;
    const std::int64_t thread = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
    const std::int64_t threads = std::int64_t{gridDim.x} * blockDim.x;
    const std::int64_t packs = (n - head) / lanes;
    // Sums of their own keep several loads under way and the chains of additions short.
    A sums[packs_in_flight];
    for (int k = 0; k < packs_in_flight; ++k) sums[k] = start;
    std::int64_t i = thread;
    for (; i + (packs_in_flight - 1) * threads < packs; i += packs_in_flight * threads) {
#pragma unroll
        for (int k = 0; k < packs_in_flight; ++k) {
            sums[k] = combine_pack<lanes>(
                sums[k], value, combine, reinterpret_cast<const P*>(in + head)[i + k * threads]...);
        }
    }
    for (; i < packs; i += threads) {
        sums[0] = combine_pack<lanes>(sums[0], value, combine,
                                      reinterpret_cast<const P*>(in + head)[i]...);
    }
    for (std::int64_t e = thread; e < head; e += threads)
        sums[0] = combine(sums[0], value(in[e]...));
    for (std::int64_t e = head + packs * lanes + thread; e < n; e += threads) {
        sums[0] = combine(sums[0], value(in[e]...));
    }
    for (int k = 1; k < packs_in_flight; ++k) sums[0] = combine(sums[0], sums[k]);
    const A all = combine_block<block_threads>(sums[0], combine, start);
    if (threadIdx.x == 0) parts[blockIdx.x] = all;
}

/// out[0] = combination of the parts.
template <typename A, typename Combine, typename Out>
__global__ void __launch_bounds__(last_threads)
    reduce_last(std::int64_t count, Combine combine, A start, const A* parts, Out* out) {
    A sum = start;
    for (std::int64_t p = threadIdx.x; p < count; p += last_threads) sum = combine(sum, parts[p]);
    const A all = combine_block<last_threads>(sum, combine, start);
    if (threadIdx.x == 0) out[0] = static_cast<Out>(all);
}

/// Adds reduce_last; for kernels that make their parts themselves.
template <typename A, typename Combine, typename Out>
void plan_last(std::int64_t parts_count, const A* parts, Combine combine, A start, Plan& plan,
               Out* out) {
    constexpr auto kernel = reduce_last<A, Combine, Out>;
    plan.launch<kernel>(1, last_threads, 0, parts_count, combine, start, parts, out);
}

/// The blocks that `bytes` of each input are worth.
inline std::int64_t parts_for(std::int64_t bytes) {
    constexpr std::int64_t tile = 16 * packs_in_flight * block_threads;
    return std::clamp(ceil_div(bytes, tile), std::int64_t{1}, most_parts);
}

/// Shape: every input has n >= 0 elements of T, out one. n == 0 gives `start`.
template <typename T, typename A, typename Value, typename Combine, typename Out,
          typename... Inputs>
void plan_reduction(std::int64_t n, Value value, Combine combine, A start, Plan& plan, Out* out,
                    const Inputs*... in) {
    const std::int64_t blocks = parts_for(n * static_cast<std::int64_t>(sizeof(T)));
    A* parts = plan.scratch_of<A>(blocks);
    const auto launch = [&](auto lanes, std::int64_t head) {
        constexpr auto kernel = reduce_parts<T, lanes(), A, Value, Combine, const Inputs*...>;
        plan.launch<kernel>(static_cast<unsigned>(blocks), block_threads, 0, n, head, value,
                            combine, start, parts, in...);
    };
    const std::int64_t head = unaligned_head<T>(n, {in...});
    if (head >= 0) {
        launch(std::integral_constant<int, 16 / sizeof(T)>{}, head);
    } else {
        launch(std::integral_constant<int, 1>{}, 0);
    }
    plan_last(blocks, parts, combine, start, plan, out);
}

template <typename A>
struct Plus {
    __device__ A operator()(A a, A b) const { return a + b; }
};

}  // namespace warpstep::kernels::cuda
