// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <stdexcept>

#include "runtime/device/host/host_device.hpp"
#include "tests/bench/host/bench.hpp"
#include "tests/support/fork_ranks.hpp"

namespace warpstep::bench {
namespace {

using Clock = std::chrono::steady_clock;

void measure(test::Rank& rank, std::size_t bytes, bool in_place, Amount amount) {
    bind(rank.step.local_rank, rank.step.size);
    device::host::HostDevice host(1);
    device::Device& device = host;
    const auto stream = device.make_stream();
    auto& communicator = rank.communicator;
    const std::size_t count = bytes / sizeof(float);
    const auto from = communicator.allocate(bytes);
    const auto to = communicator.allocate(bytes);
    auto* sent = static_cast<float*>(from->data());
    auto* received = in_place ? sent : static_cast<float*>(to->data());
    const auto reduce = [&] {
        communicator.all_reduce(sent, received, count, DType::f32, comm::ReduceOp::sum, *stream);
    };
    // In place, sums of anything but nothing would grow without end.
    std::fill(sent, sent + count, in_place ? 0.0F : static_cast<float>(rank.step.rank + 1));
    auto start = Clock::now();
    for (int round = -1; round < amount.rounds; ++round) {
        for (int turn = 0; turn < amount.turns; ++turn) reduce();
        const auto end = Clock::now();
        const std::chrono::duration<double> span = end - start;
        start = end;
        if (round >= 0 && rank.step.rank == 0) fmt::print("{}\n", span.count() / amount.turns);
    }
    communicator.barrier(*stream);
    std::fill(sent, sent + count, static_cast<float>(rank.step.rank + 1));
    reduce();
    const int n = rank.step.size;
    const auto wanted = static_cast<float>(n * (n + 1) / 2);
    test::expect(std::all_of(received, received + count, [&](float x) { return x == wanted; }),
                 "the sum is wrong");
    std::fflush(stdout);
}

}  // namespace

void all_reduce(const std::vector<int>& ranks_per_node, std::size_t bytes, bool in_place,
                Amount amount) {
    const auto outcome = test::fork_ranks(
        ranks_per_node, [&](test::Rank& rank) { measure(rank, bytes, in_place, amount); });
    for (const int status : outcome.status) {
        if (status != 0) throw std::runtime_error(fmt::format("a rank ended with {}", status));
    }
}

}  // namespace warpstep::bench
