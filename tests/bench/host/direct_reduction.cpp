// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <vector>

#include "runtime/base/host_clones.hpp"
#include "tests/bench/host/bench.hpp"

namespace warpstep::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Meeting {
    alignas(64) std::atomic<int> arrived;
    alignas(64) std::atomic<int> generation;
};

// Turns in a circle, as the fastest barrier does when every rank has a core; else lets others run.
void meet(Meeting& meeting, int ranks, bool has_core) {
    const int generation = meeting.generation.load(std::memory_order_acquire);
    if (meeting.arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == ranks) {
        meeting.arrived.store(0, std::memory_order_relaxed);
        meeting.generation.store(generation + 1, std::memory_order_release);
        return;
    }
    while (meeting.generation.load(std::memory_order_acquire) == generation) {
        if (!has_core) ::sched_yield();
    }
}

template <int ranks>
WARPSTEP_HOST_CLONES void sum(float* __restrict out, const float* const* from, std::size_t begin,
                              std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
        float value = from[0][i];
        for (int rank = 1; rank < ranks; ++rank) value += from[rank][i];
        out[i] = value;
    }
}

struct Shared {
    Meeting* meeting;
    std::vector<float*> from;
    float* to;
    std::size_t count;
};

void run_rank(const Shared& shared, int rank, Amount amount) {
    const auto ranks = shared.from.size();
    const auto at = static_cast<std::size_t>(rank);
    const std::size_t begin = shared.count * at / ranks;
    const std::size_t end = shared.count * (at + 1) / ranks;
    const bool has_core = static_cast<long>(ranks) <= ::sysconf(_SC_NPROCESSORS_ONLN);
    float* mine = shared.from[at];
    std::fill(mine, mine + shared.count, static_cast<float>(rank + 1));
    auto start = Clock::now();
    for (int round = -1; round < amount.rounds; ++round) {
        for (int turn = 0; turn < amount.turns; ++turn) {
            if (ranks == 2) sum<2>(shared.to, shared.from.data(), begin, end);
            if (ranks == 4) sum<4>(shared.to, shared.from.data(), begin, end);
            meet(*shared.meeting, static_cast<int>(ranks), has_core);
        }
        // From meeting to meeting: nobody is ahead.
        const auto end = Clock::now();
        const std::chrono::duration<double> span = end - start;
        start = end;
        if (round >= 0 && rank == 0) fmt::print("{}\n", span.count() / amount.turns);
    }
    std::fflush(stdout);
}

}  // namespace

void bind(int rank, int ranks) {
    if (ranks > ::sysconf(_SC_NPROCESSORS_ONLN)) return;
    cpu_set_t core;
    CPU_ZERO(&core);
    CPU_SET(static_cast<unsigned>(rank), &core);
    ::sched_setaffinity(0, sizeof core, &core);
}

void direct_reduction(int ranks, std::size_t bytes, Amount amount) {
    if (ranks != 2 && ranks != 4) throw std::runtime_error("direct reduction: 2 or 4 ranks");
    const std::size_t part = std::max<std::size_t>(bytes, 4096);
    const std::size_t whole = sizeof(Meeting) + 64 + part * static_cast<std::size_t>(ranks + 1);
    void* mapped =
        ::mmap(nullptr, whole, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) throw std::runtime_error("direct reduction: no memory");
    auto* data = static_cast<std::byte*>(mapped) + sizeof(Meeting);
    Shared shared{static_cast<Meeting*>(mapped), {}, nullptr, bytes / sizeof(float)};
    for (int rank = 0; rank <= ranks; ++rank, data += part) {
        shared.to = reinterpret_cast<float*>(data);
        if (rank < ranks) shared.from.push_back(shared.to);
    }
    std::fflush(nullptr);
    for (int rank = 0; rank < ranks; ++rank) {
        if (::fork() != 0) continue;
        bind(rank, ranks);
        run_rank(shared, rank, amount);
        ::_exit(0);
    }
    for (int rank = 0; rank < ranks; ++rank) ::wait(nullptr);
    const auto wanted = static_cast<float>(ranks * (ranks + 1) / 2);
    const bool right = std::all_of(shared.to, shared.to + shared.count,
                                   [&](float value) { return value == wanted; });
    ::munmap(mapped, whole);
    if (!right) throw std::runtime_error("direct reduction: the sum is wrong");
}

}  // namespace warpstep::bench
