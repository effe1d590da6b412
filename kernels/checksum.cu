// SPDX-License-Identifier: Apache-2.0
#include "kernels/arguments.hpp"
#include "kernels/memory_pattern.hpp"
#include "kernels/reduction.cuh"

namespace warpstep::kernels::cuda {

using Hash = unsigned long long;

__global__ void __launch_bounds__(block_threads)
    checksum_parts(std::int64_t size, const unsigned char* bytes, bool aligned, Hash* parts) {
    const std::int64_t threads = std::int64_t{gridDim.x} * blockDim.x;
    const std::int64_t words = (size + 7) / 8;
    Hash sum = 0;
    for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < words;
         i += threads) {
        Hash word = 0;
        if (aligned && (i + 1) * 8 <= size) {
            word = reinterpret_cast<const Hash*>(bytes)[i];
        } else {
            for (std::int64_t b = 0; b < 8 && i * 8 + b < size; ++b) {
                word |= static_cast<Hash>(bytes[i * 8 + b]) << (8 * b);
            }
        }
        sum += mix(word ^ mix(static_cast<std::uint64_t>(i)));
    }
    const Hash all = combine_block(sum, Plus<Hash>{}, Hash{0});
    if (threadIdx.x == 0) parts[blockIdx.x] = all;
}

void checksum(const Arguments& arguments, Plan& plan) {
    const Argument& x = arguments.buffer("x");
    const auto size = static_cast<std::int64_t>(x.bytes());
    const std::int64_t blocks =
        std::clamp(ceil_div(size, std::int64_t{8} * block_threads), std::int64_t{1}, most_parts);
    auto* parts = plan.scratch_of<Hash>(blocks);
    const bool aligned = reinterpret_cast<std::uintptr_t>(x.data) % 8 == 0;
    plan.launch<checksum_parts>(static_cast<unsigned>(blocks), block_threads, 0, size,
                                static_cast<const unsigned char*>(x.data), aligned, parts);
    constexpr auto last = reduce_last<Hash, Plus<Hash>, Hash>;
    plan.launch<last>(1, block_threads, 0, blocks, Plus<Hash>{}, Hash{0},
                      static_cast<const Hash*>(parts),
                      static_cast<Hash*>(arguments.buffer("sum").data));
}

}  // namespace warpstep::kernels::cuda
