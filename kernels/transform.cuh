// SPDX-License-Identifier: Apache-2.0
// out[i] = operation(in[i]...): the body of every kernel that is bound by memory bandwidth alone.
//
// Every block takes one contiguous tile and ends. An H200 needs about 4.8 TB/s * 700 ns / 132 = 25
// kB under way in each multiprocessor; a tile asks for 16 kB of every input before it waits, and at
// least four tiles are resident. More blocks than fit at once, instead of one wave that strides
// over the vectors: clusters of multiprocessors do not get equal shares of the bandwidth, and a
// wave is as slow as its slowest block, while the hardware gives the next tile to whoever is done.
// Tiles start in order, so what is under way at one time lies close together in memory. Loads and
// stores carry no cache hints: they gain nothing on vectors beyond the cache, and vectors that fit
// stay in it for the next kernel.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <type_traits>

#include "kernels/plan.cuh"

namespace warpstep::kernels::cuda {

/// What one load or store instruction moves: 16 bytes, or one element where the vectors are not
/// aligned alike.
template <typename T, int lanes = 16 / sizeof(T)>
struct alignas(sizeof(T) * lanes) Pack {
    static constexpr int count = lanes;
    T lane[lanes];
};

constexpr int packs_in_flight = 4;  ///< of each input, for each thread

/// Takes packs by value: a reference would be read lane by lane, with as many loads.
template <typename P, typename Operation, typename... Inputs>
__device__ P apply(const Operation& operation, Inputs... in) {
    P result;
#pragma unroll
    for (int k = 0; k < P::count; ++k) result.lane[k] = operation(in.lane[k]...);
    return result;
}

/// Elements before `head` and after the last whole pack go one by one, in the last block. `out` may
/// be one of the inputs: a thread reads all its elements before it writes them, and no other thread
/// reads them.
template <typename T, int lanes, typename Operation, typename... Inputs>
__global__ void __launch_bounds__(block_threads)
    transform(std::int64_t n, std::int64_t head, Operation operation, T* out, Inputs... in) {
    using P = Pack<T, lanes>;
    const std::int64_t packs = (n - head) / lanes;
    const std::int64_t first =
        std::int64_t{blockIdx.x} * block_threads * packs_in_flight + threadIdx.x;
    auto* out_packs = reinterpret_cast<P*>(out + head);

    if (first + (packs_in_flight - 1) * block_threads < packs) {
        P results[packs_in_flight];
#pragma unroll
        for (int k = 0; k < packs_in_flight; ++k) {
            results[k] = apply<P>(
                operation, reinterpret_cast<const P*>(in + head)[first + k * block_threads]...);
        }
#pragma unroll
        for (int k = 0; k < packs_in_flight; ++k) out_packs[first + k * block_threads] = results[k];
    } else {
        for (std::int64_t i = first; i < packs; i += block_threads) {
            out_packs[i] = apply<P>(operation, reinterpret_cast<const P*>(in + head)[i]...);
        }
    }

    if (blockIdx.x + 1 != gridDim.x) return;
    for (std::int64_t e = threadIdx.x; e < head; e += block_threads) out[e] = operation(in[e]...);
    for (std::int64_t e = head + packs * lanes + threadIdx.x; e < n; e += block_threads) {
        out[e] = operation(in[e]...);
    }
}

/// Elements before the first 16-byte boundary, or -1 when the vectors do not share one.
template <typename T>
std::int64_t unaligned_head(std::int64_t n, std::initializer_list<const T*> vectors) {
    const auto offset = [](const T* vector) {
        return reinterpret_cast<std::uintptr_t>(vector) % 16;
    };
    const auto first = offset(*vectors.begin());
    for (const T* vector : vectors) {
        if (offset(vector) != first) return -1;
    }
    return std::min<std::int64_t>(n, static_cast<std::int64_t>((16 - first) % 16 / sizeof(T)));
}

/// Shape:  out and every input have n >= 0 elements; an input is `out` itself or does not overlap
/// it. Nothing is launched for n == 0.
template <typename T, typename Operation, typename... Inputs>
void launch_transform(std::int64_t n, Operation operation, Plan& plan, T* out,
                      const Inputs*... in) {
    if (n == 0) return;
    const auto launch = [&](auto lanes, std::int64_t head) {
        constexpr auto kernel = transform<T, lanes(), Operation, const Inputs*...>;
        const std::int64_t tiles =
            ceil_div((n - head) / lanes(), std::int64_t{block_threads} * packs_in_flight);
        plan.launch<kernel>(static_cast<unsigned>(std::max<std::int64_t>(tiles, 1)), block_threads,
                            0, n, head, operation, out, in...);
    };
    const std::int64_t head = unaligned_head<T>(n, {out, in...});
    if (head >= 0) {
        launch(std::integral_constant<int, 16 / sizeof(T)>{}, head);
    } else {
        launch(std::integral_constant<int, 1>{}, 0);
    }
}

}  // namespace warpstep::kernels::cuda
