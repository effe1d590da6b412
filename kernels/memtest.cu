// SPDX-License-Identifier: Apache-2.0
#include "kernels/arguments.hpp"
#include "kernels/device_clock.cuh"
#include "kernels/memory_pattern.hpp"
#include "kernels/plan.cuh"

namespace warpstep::kernels::cuda {

using Word = unsigned long long;
constexpr int report_words = 3;  ///< errors, first, mask

// As unsigned, "none yet" is larger than every index; as signed, it reads -1.
__global__ void clear_report(Word* report) {
    if (threadIdx.x < report_words) report[threadIdx.x] = threadIdx.x == 1 ? ~Word{0} : 0;
}

__global__ void __launch_bounds__(block_threads)
    write_pattern(std::int64_t n, Pattern pattern, int phase, Word seed, volatile Word* words) {
    const std::int64_t threads = std::int64_t{gridDim.x} * blockDim.x;
    for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n;
         i += threads) {
        words[i] = word_of(pattern, phase, seed, static_cast<std::uint64_t>(i));
    }
}

// Wrong words are rare, so what they cost does not matter; right ones cost a load and a comparison.
__global__ void __launch_bounds__(block_threads)
    read_pattern(std::int64_t n, Pattern pattern, int phase, Word seed, const volatile Word* words,
                 Word* report) {
    const std::int64_t threads = std::int64_t{gridDim.x} * blockDim.x;
    for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n;
         i += threads) {
        const Word wrong = words[i] ^ word_of(pattern, phase, seed, static_cast<std::uint64_t>(i));
        if (wrong == 0) continue;
        atomicAdd(&report[0], Word{1});
        atomicMin(&report[1], static_cast<Word>(i));
        atomicOr(&report[2], wrong);
    }
}

__global__ void wait_on_device(Word nanoseconds) {
    spin_for(nanoseconds);
}

void plan_memtest(const Arguments& arguments, Pattern pattern, Word seed, double seconds,
                  Plan& plan) {
    const Argument& buffer = arguments.buffer("buffer");
    auto* report = static_cast<Word*>(arguments.buffer("report").data);
    auto* words = static_cast<volatile Word*>(buffer.data);
    const auto n = static_cast<std::int64_t>(buffer.bytes() / 8);
    plan.launch<clear_report>(1, 32, 0, report);
    if (n == 0) return;
    const auto blocks = static_cast<unsigned>(
        std::min<std::int64_t>(ceil_div(n, block_threads), resident_blocks<read_pattern>()));
    for (int phase = 0; phase < phases(pattern); ++phase) {
        plan.launch<write_pattern>(blocks, block_threads, 0, n, pattern, phase, seed, words);
        if (seconds > 0) plan.launch<wait_on_device>(1, 1, 0, static_cast<Word>(seconds * 1e9));
        plan.launch<read_pattern>(blocks, block_threads, 0, n, pattern, phase, seed,
                                  static_cast<const volatile Word*>(words), report);
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
