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

void measure(test::Rank& rank, std::size_t bytes, Amount amount) {
    device::host::HostDevice host(1);
    device::Device& device = host;
    const auto stream = device.make_stream();
    auto& communicator = rank.communicator;
    const std::size_t count = bytes / sizeof(float);
    const auto from = communicator.allocate(bytes);
    const auto to = communicator.allocate(bytes);
    auto* sent = static_cast<float*>(from->data());
    auto* received = static_cast<float*>(to->data());
    std::fill(sent, sent + count, static_cast<float>(rank.step.rank + 1));
    auto start = Clock::now();
    for (int round = -1; round < amount.rounds; ++round) {
        for (int turn = 0; turn < amount.turns; ++turn) {
            communicator.all_reduce(sent, received, count, DType::f32, comm::ReduceOp::sum,
                                    *stream);
        }
        const auto end = Clock::now();
        const std::chrono::duration<double> span = end - start;
        start = end;
        if (round >= 0 && rank.step.rank == 0) fmt::print("{}\n", span.count() / amount.turns);
    }
    const int n = rank.step.size;
    const auto wanted = static_cast<float>(n * (n + 1) / 2);
    test::expect(std::all_of(received, received + count, [&](float x) { return x == wanted; }),
                 "the sum is wrong");
    std::fflush(stdout);
}

}  // namespace

void all_reduce(int ranks, std::size_t bytes, Amount amount) {
    const auto outcome =
        test::fork_ranks({ranks}, [&](test::Rank& rank) { measure(rank, bytes, amount); });
    for (const int status : outcome.status) {
        if (status != 0) throw std::runtime_error(fmt::format("a rank ended with {}", status));
    }
}

}  // namespace warpstep::bench
