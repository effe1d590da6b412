// SPDX-License-Identifier: Apache-2.0
#include "kernels/arguments.hpp"
#include "kernels/device_clock.cuh"
#include "kernels/memory_pattern.hpp"
#include "kernels/transform.cuh"

namespace warpstep::kernels::cuda {

using Word = unsigned long long;
constexpr int report_words = 3;  ///< errors, first, mask

// As unsigned, "none yet" is larger than every index; as signed, it reads -1.
__global__ void clear_report(Word* report) {
    if (threadIdx.x < report_words) report[threadIdx.x] = threadIdx.x == 1 ? ~Word{0} : 0;
}

struct Findings {
    Word errors = 0, first = ~Word{0}, mask = 0;

    __device__ void add(std::int64_t index, Word wrong) {
        if (wrong == 0) return;
        const Word i = index;
        ++errors;
        first = i < first ? i : first;
        mask |= wrong;
    }
    // Wrong words are rare, so what the atomics cost does not matter.
    __device__ void tell(Word* report) const {
        if (errors == 0) return;
        atomicAdd(&report[0], errors);
        atomicMin(&report[1], first);
        atomicOr(&report[2], mask);
    }
};

template <typename P>
__device__ P pack_of(Pattern pattern, int phase, Word seed, std::int64_t index) {
    P pack;
#pragma unroll
    for (int k = 0; k < P::count; ++k) {
        pack.lane[k] = word_of(pattern, phase, seed, static_cast<std::uint64_t>(index + k));
    }
    return pack;
}

// Blocks take tiles as in transform.cuh. The words after the last whole pack, fewer than a pack
// has, belong to the last block.
template <int lanes>
__global__ void __launch_bounds__(block_threads)
    write_pattern(std::int64_t n, Pattern pattern, int phase, Word seed, Word* words) {
    using P = Pack<Word, lanes>;
    const std::int64_t packs = n / lanes;
    const std::int64_t tile = std::int64_t{blockIdx.x} * block_threads * packs_in_flight;
#pragma unroll
    for (int k = 0; k < packs_in_flight; ++k) {
        const std::int64_t i = tile + k * block_threads + threadIdx.x;
        if (i < packs) {
            reinterpret_cast<P*>(words)[i] = pack_of<P>(pattern, phase, seed, i * lanes);
        }
    }
    const std::int64_t rest = packs * lanes + threadIdx.x;
    if (blockIdx.x + 1 == gridDim.x && rest < n) {
        words[rest] = word_of(pattern, phase, seed, static_cast<std::uint64_t>(rest));
    }
}

template <int lanes>
__global__ void __launch_bounds__(block_threads)
    read_pattern(std::int64_t n, Pattern pattern, int phase, Word seed, const Word* words,
                 Word* report) {
    using P = Pack<Word, lanes>;
    const std::int64_t packs = n / lanes;
    const std::int64_t tile = std::int64_t{blockIdx.x} * block_threads * packs_in_flight;
    P found[packs_in_flight];
#pragma unroll
    for (int k = 0; k < packs_in_flight; ++k) {
        const std::int64_t i = tile + k * block_threads + threadIdx.x;
        if (i < packs) found[k] = reinterpret_cast<const P*>(words)[i];
    }
    Findings findings;
#pragma unroll
    for (int k = 0; k < packs_in_flight; ++k) {
        const std::int64_t i = tile + k * block_threads + threadIdx.x;
        if (i >= packs) continue;
        const P wanted = pack_of<P>(pattern, phase, seed, i * lanes);
#pragma unroll
        for (int l = 0; l < lanes; ++l) {
            findings.add(i * lanes + l, found[k].lane[l] ^ wanted.lane[l]);
        }
    }
    const std::int64_t rest = packs * lanes + threadIdx.x;
    if (blockIdx.x + 1 == gridDim.x && rest < n) {
        const Word wanted = word_of(pattern, phase, seed, static_cast<std::uint64_t>(rest));
        findings.add(rest, words[rest] ^ wanted);
    }
    findings.tell(report);
}

__global__ void wait_on_device(Word nanoseconds) {
    spin_for(nanoseconds);
}

template <int lanes>
void plan_phases(std::int64_t n, Pattern pattern, Word seed, double seconds, Word* words,
                 Word* report, Plan& plan) {
    const auto tiles = std::max<std::int64_t>(
        1, ceil_div(n / lanes, std::int64_t{block_threads} * packs_in_flight));
    const auto blocks = static_cast<unsigned>(tiles);
    for (int phase = 0; phase < phases(pattern); ++phase) {
        plan.launch<write_pattern<lanes>>(blocks, block_threads, 0, n, pattern, phase, seed, words);
        if (seconds > 0) plan.launch<wait_on_device>(1, 1, 0, static_cast<Word>(seconds * 1e9));
        plan.launch<read_pattern<lanes>>(blocks, block_threads, 0, n, pattern, phase, seed,
                                         static_cast<const Word*>(words), report);
    }
}

void plan_memtest(const Arguments& arguments, Pattern pattern, Word seed, double seconds,
                  Plan& plan) {
    const Argument& buffer = arguments.buffer("buffer");
    auto* report = static_cast<Word*>(arguments.buffer("report").data);
    auto* words = static_cast<Word*>(buffer.data);
    const auto n = static_cast<std::int64_t>(buffer.bytes() / 8);
    plan.launch<clear_report>(1, 32, 0, report);
    if (n == 0) return;
    if (reinterpret_cast<std::uintptr_t>(words) % 16 == 0) {
        plan_phases<2>(n, pattern, seed, seconds, words, report, plan);
    } else {
        plan_phases<1>(n, pattern, seed, seconds, words, report, plan);
    }
}

void memtest_walking_bit(const Arguments& arguments, Plan& plan) {
    plan_memtest(arguments, Pattern::walking_bit, 0, 0, plan);
}
void memtest_own_address(const Arguments& arguments, Plan& plan) {
    plan_memtest(arguments, Pattern::own_address, 0, 0, plan);
}
void memtest_moving_inversions(const Arguments& arguments, Plan& plan) {
    plan_memtest(arguments, Pattern::moving_inversions, 0, 0, plan);
}
void memtest_random(const Arguments& arguments, Plan& plan) {
    plan_memtest(arguments, Pattern::random, static_cast<Word>(arguments.number("seed")), 0, plan);
}
void memtest_bit_fade(const Arguments& arguments, Plan& plan) {
    plan_memtest(arguments, Pattern::bit_fade, 0, arguments.number("seconds"), plan);
}

}  // namespace warpstep::kernels::cuda
