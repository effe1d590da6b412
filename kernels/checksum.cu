// SPDX-License-Identifier: Apache-2.0
#include "kernels/arguments.hpp"
#include "kernels/memory_pattern.hpp"
#include "kernels/reduction.cuh"

namespace warpstep::kernels::cuda {

using Hash = unsigned long long;

__device__ inline Hash hash_of(Hash word, std::int64_t index) {
    return mix(word ^ mix(static_cast<std::uint64_t>(index)));
}

/// Up to 8 bytes as they lie in memory.
__device__ inline Hash word_at(const unsigned char* place, std::int64_t bytes) {
    Hash word = 0;
    for (int k = 0; k < 8; ++k) {
        if (k < bytes) word |= Hash{place[k]} << 8 * k;
    }
    return word;
}

/// parts[block] = sum of the hashes of this block's words, which are counted from the begin of the
/// data, so that the alignment of the data does not matter. Without alignment words are put
/// together from bytes.
template <bool aligned>
__global__ void __launch_bounds__(block_threads)
    checksum_parts(const unsigned char* data, std::int64_t bytes, Hash* parts) {
    using P = Pack<Hash>;
    const std::int64_t thread = std::int64_t{blockIdx.x} * block_threads + threadIdx.x;
    const std::int64_t threads = std::int64_t{gridDim.x} * block_threads;
    const std::int64_t packs = aligned ? bytes / 16 : 0;
    const auto* body = reinterpret_cast<const P*>(data);
    Hash sum = 0;
    std::int64_t i = thread;
    for (; i + (packs_in_flight - 1) * threads < packs; i += packs_in_flight * threads) {
        P loaded[packs_in_flight];
#pragma unroll
        for (int k = 0; k < packs_in_flight; ++k) loaded[k] = body[i + k * threads];
#pragma unroll
        for (int k = 0; k < packs_in_flight; ++k) {
            const std::int64_t word = (i + k * threads) * 2;
            sum += hash_of(loaded[k].lane[0], word) + hash_of(loaded[k].lane[1], word + 1);
        }
    }
    for (; i < packs; i += threads) {
        sum += hash_of(body[i].lane[0], i * 2) + hash_of(body[i].lane[1], i * 2 + 1);
    }
    for (std::int64_t w = packs * 2 + thread; w * 8 < bytes; w += threads) {
        sum += hash_of(word_at(data + w * 8, bytes - w * 8), w);
    }
    const Hash all = combine_block<block_threads>(sum, Plus<Hash>{}, Hash{0});
    if (threadIdx.x == 0) parts[blockIdx.x] = all;
}

void checksum(const Arguments& arguments, Plan& plan) {
    const Argument& x = arguments.buffer("x");
    const auto* data = static_cast<const unsigned char*>(x.data);
    const auto bytes = static_cast<std::int64_t>(x.bytes());
    const std::int64_t blocks = parts_for(bytes);
    auto* parts = plan.scratch_of<Hash>(blocks);
    const auto grid = static_cast<unsigned>(blocks);
    if (reinterpret_cast<std::uintptr_t>(data) % 16 == 0) {
        plan.launch<checksum_parts<true>>(grid, block_threads, 0, data, bytes, parts);
    } else {
        plan.launch<checksum_parts<false>>(grid, block_threads, 0, data, bytes, parts);
    }
    plan_last(blocks, static_cast<const Hash*>(parts), Plus<Hash>{}, Hash{0}, plan,
              static_cast<Hash*>(arguments.buffer("sum").data));
}

}  // namespace warpstep::kernels::cuda
