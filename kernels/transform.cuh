// SPDX-License-Identifier: Apache-2.0
// out[i] = operation(in[i]...): the body of every kernel that is bound by memory bandwidth alone.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <type_traits>

#include "kernels/plan.cuh"

namespace warpstep::kernels::cuda {

/// What one load or store instruction moves.
template <typename T>
struct alignas(16) Pack {
    static constexpr int count = 16 / sizeof(T);
    T lane[count];
};

constexpr int packs_in_flight = 4;  ///< of each input, for each thread

/// Takes packs by value: a reference would be read lane by lane, with as many loads.
template <typename T, typename Operation, typename... Inputs>
__device__ Pack<T> apply(const Operation& operation, Inputs... in) {
    Pack<T> result;
#pragma unroll
    for (int k = 0; k < Pack<T>::count; ++k) result.lane[k] = operation(in.lane[k]...);
    return result;
}

/// Elements before `head` and after the last whole pack go one by one. `out` may be one of the
/// inputs: a thread reads all its elements before it writes them, and no other thread reads them.
template <typename T, typename Operation, typename... Inputs>
__global__ void __launch_bounds__(block_threads)
    transform(std::int64_t n, std::int64_t head, Operation operation, T* out, Inputs... in) {
    const std::int64_t thread = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
    const std::int64_t threads = std::int64_t{gridDim.x} * blockDim.x;
    const std::int64_t packs = (n - head) / Pack<T>::count;
    auto* out_packs = reinterpret_cast<Pack<T>*>(out + head);

    std::int64_t i = thread;
    for (; i + (packs_in_flight - 1) * threads < packs; i += packs_in_flight * threads) {
        Pack<T> results[packs_in_flight];
#pragma unroll
        for (int k = 0; k < packs_in_flight; ++k) {
            results[k] = apply<T>(operation,
                                  reinterpret_cast<const Pack<T>*>(in + head)[i + k * threads]...);
        }
#pragma unroll
        for (int k = 0; k < packs_in_flight; ++k) out_packs[i + k * threads] = results[k];
    }
    for (; i < packs; i += threads) {
        out_packs[i] = apply<T>(operation, reinterpret_cast<const Pack<T>*>(in + head)[i]...);
    }

    for (std::int64_t e = thread; e < head; e += threads) out[e] = operation(in[e]...);
    for (std::int64_t e = head + packs * Pack<T>::count + thread; e < n; e += threads) {
        out[e] = operation(in[e]...);
    }
}

/// Elements before the first 16-byte boundary; all n when the vectors do not share one.
template <typename T>
std::int64_t unaligned_head(std::int64_t n, std::initializer_list<const T*> vectors) {
    const auto offset = [](const T* vector) {
        return reinterpret_cast<std::uintptr_t>(vector) % 16;
    };
    const auto first = offset(*vectors.begin());
    for (const T* vector : vectors) {
        if (offset(vector) != first) return n;
    }
    return std::min<std::int64_t>(n, static_cast<std::int64_t>((16 - first) % 16 / sizeof(T)));
}

/// Shape:  out and every input have n >= 0 elements; an input is `out` itself or does not overlap
/// it. Nothing is launched for n == 0.
template <typename T, typename Operation, typename... Inputs>
void launch_transform(std::int64_t n, Operation operation, Plan& plan, T* out,
                      const Inputs*... in) {
    if (n == 0) return;
    const std::int64_t head = unaligned_head<T>(n, {out, in...});
    const std::int64_t work = std::max((n - head) / Pack<T>::count, std::int64_t{1});
    const std::int64_t wanted = ceil_div(head < n ? work : n, block_threads);
    constexpr auto kernel = transform<T, Operation, const Inputs*...>;
    const auto blocks = std::min<std::int64_t>(wanted, resident_blocks<kernel>());
    plan.launch<kernel>(static_cast<unsigned>(blocks), block_threads, 0, n, head, operation, out,
                        in...);
}

}  // namespace warpstep::kernels::cuda
