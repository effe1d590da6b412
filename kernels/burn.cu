// SPDX-License-Identifier: Apache-2.0
// Every round is a gemm, a pass over its result and a short look at what the pass has found.
// Whether a round is the first one is read from the report, on the device, so a plan can be issued
// again.
#include "kernels/burn.hpp"

#include "kernels/gemm_plan.hpp"
#include "kernels/reduction.cuh"

namespace warpstep::kernels::cuda {

using Count = unsigned long long;

/// What the blocks of one pass have found together.
struct BurnFound {
    Count errors, first_wrong, checksum;
};

__device__ inline Count burn_mix(std::int64_t index, Count bits) {
    Count z = static_cast<Count>(index) * 0x9e3779b97f4a7c15ULL + bits;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

struct LesserCount {
    __device__ Count operator()(Count a, Count b) const { return a < b ? a : b; }
};

__global__ void burn_forget(BurnFound* found) {
    *found = {0, ~Count{0}, 0};
}

/// Element e of this pass: into the counts, and into `first` in the first round.
template <typename Bits>
__device__ void burn_look(std::int64_t e, Bits now, Bits then, BurnFound& mine) {
    mine.checksum += burn_mix(e, now);
    if (now == then) return;
    ++mine.errors;
    if (static_cast<Count>(e) < mine.first_wrong) mine.first_wrong = static_cast<Count>(e);
}

template <typename Bits, int lanes>
__global__ void __launch_bounds__(block_threads)
    burn_compare(std::int64_t n, std::int64_t head, const Bits* c, Bits* first,
                 const long long* report, BurnFound* found) {
    using P = Pack<Bits, lanes>;
    const std::int64_t thread = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
    const std::int64_t threads = std::int64_t{gridDim.x} * blockDim.x;
    const std::int64_t packs = (n - head) / lanes;
    const bool starts = report[burn_rounds] == 0;
    BurnFound mine{0, ~Count{0}, 0};
    for (std::int64_t p = thread; p < packs; p += threads) {
        const P now = reinterpret_cast<const P*>(c + head)[p];
        P& place = reinterpret_cast<P*>(first + head)[p];
        if (starts) place = now;
        const P then = starts ? now : place;
#pragma unroll
        for (int k = 0; k < lanes; ++k) {
            burn_look(head + p * lanes + k, now.lane[k], then.lane[k], mine);
        }
    }
    const std::int64_t tail = head + packs * lanes;
    for (std::int64_t i = thread; i < head + n - tail; i += threads) {
        const std::int64_t e = i < head ? i : tail + i - head;
        if (starts) first[e] = c[e];
        burn_look(e, c[e], starts ? c[e] : first[e], mine);
    }
    const Count errors = combine_block<block_threads>(mine.errors, Plus<Count>{}, Count{0});
    const Count checksum = combine_block<block_threads>(mine.checksum, Plus<Count>{}, Count{0});
    const Count first_wrong =
        combine_block<block_threads>(mine.first_wrong, LesserCount{}, ~Count{0});
    if (threadIdx.x != 0) return;
    atomicAdd(&found->checksum, checksum);
    if (errors == 0) return;
    atomicAdd(&found->errors, errors);
    atomicMin(&found->first_wrong, first_wrong);
}

/// One thread: adds what a pass has found to the report, and clears it for the next pass.
__global__ void burn_conclude(BurnFound* found, long long* report) {
    if (report[burn_rounds] == 0) {
        report[burn_errors] = 0;
        report[burn_first_wrong] = -1;
    }
    report[burn_errors] += static_cast<long long>(found->errors);
    if (found->errors > 0) {
        const auto at = static_cast<long long>(found->first_wrong);
        const long long known = report[burn_first_wrong];
        report[burn_first_wrong] = known < 0 || at < known ? at : known;
    }
    report[burn_checksum] = static_cast<long long>(found->checksum & burn_checksum_mask);
    ++report[burn_rounds];
    *found = {0, ~Count{0}, 0};
}

/// The pass over c, as it is launched after every gemm.
template <typename Bits>
std::function<void(Plan&)> decide_compare(const Arguments& arguments, BurnFound* found) {
    const auto* c = static_cast<const Bits*>(arguments.buffer("c").data);
    auto* first = static_cast<Bits*>(arguments.buffer("first").data);
    const auto* report = static_cast<const long long*>(arguments.buffer("report").data);
    const std::int64_t n = arguments.buffer("c").count;
    if (n == 0) return [](Plan&) {};
    const auto decide = [&](auto lanes, std::int64_t head) -> std::function<void(Plan&)> {
        constexpr auto kernel = burn_compare<Bits, lanes()>;
        const auto blocks =
            std::min<std::int64_t>(ceil_div(n, block_threads * lanes()), resident_blocks<kernel>());
        return [=](Plan& plan) {
            plan.launch<kernel>(static_cast<unsigned>(blocks), block_threads, 0, n, head, c, first,
                                report, found);
        };
    };
    const std::int64_t head = unaligned_head<Bits>(n, {c, first});
    return head >= 0 ? decide(std::integral_constant<int, 16 / sizeof(Bits)>{}, head)
                     : decide(std::integral_constant<int, 1>{}, 0);
}

void burn(const Arguments& arguments, Plan& plan) {
    auto* report = static_cast<long long*>(arguments.buffer("report").data);
    auto* found = plan.scratch_of<BurnFound>(1);
    const auto add_gemm = decide_gemm(arguments, plan);
    const std::size_t size = size_of(arguments.buffer("c").dtype);
    const auto add_compare = size == 2   ? decide_compare<std::uint16_t>(arguments, found)
                             : size == 4 ? decide_compare<std::uint32_t>(arguments, found)
                                         : decide_compare<std::uint64_t>(arguments, found);
    const double rounds = arguments.has("rounds") ? arguments.number("rounds") : 1;
    plan.launch<burn_forget>(1, 1, 0, found);
    for (auto round = static_cast<std::int64_t>(rounds); round > 0; --round) {
        add_gemm(plan);
        add_compare(plan);
        plan.launch<burn_conclude>(1, 1, 0, found, report);
    }
}

}  // namespace warpstep::kernels::cuda
