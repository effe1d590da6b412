// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/fake_device.hpp"
#include "tests/support/fork_ranks.hpp"

using namespace warpstep;
using test::expect;
using test::fork_ranks;
using test::Rank;

namespace {

constexpr int killed = 128 + SIGKILL;

// Reduces for ever; `victim` goes in the middle of it.
std::function<void(Rank&)> reduce_until(int victim, const std::function<void()>& end,
                                        std::size_t count) {
    return [=](Rank& rank) {
        std::vector<float> values(count, 1.0F);
        test::FakeStream stream;
        for (int turn = 0;; ++turn) {
            if (rank.step.rank == victim && turn == 20) end();
            rank.communicator.all_reduce(values.data(), values.data(), count, DType::f32,
                                         comm::ReduceOp::max, stream);
        }
    };
}

using Call = std::function<void(comm::Communicator&, float*, std::size_t, device::Stream&)>;

// Every operation that all_reduce above does not stand for, on `count` elements per part.
const std::vector<Call>& other_calls() {
    static const std::vector<Call> calls = {
        [](auto& c, float* p, std::size_t n, auto& s) {
            c.reduce(p, p, n, DType::f32, comm::ReduceOp::max, 0, s);
        },
        [](auto& c, float* p, std::size_t n, auto& s) {
            c.reduce_scatter(p, p + 4 * n, n, DType::f32, comm::ReduceOp::max, s);
        },
        [](auto& c, float* p, std::size_t n, auto& s) {
            c.all_to_all(p, p + 4 * n, n, DType::f32, s);
        },
        [](auto& c, float* p, std::size_t n, auto& s) {
            // A root that takes and gives in turns, or the others would run ahead.
            c.gather(p, p + 4 * n, n, DType::f32, 3, s);
            c.scatter(p + 4 * n, p, n, DType::f32, 3, s);
        },
        [](auto& c, float* p, std::size_t n, auto& s) {
            const int size = c.size();
            c.group([&] {
                c.recv(p + 4 * n, n, DType::f32, (c.rank() + 1) % size, s);
                c.send(p, n, DType::f32, (c.rank() + size - 1) % size, s);
            });
        },
        [](auto& c, float* p, std::size_t n, auto& s) {
            const int size = c.size();
            if (c.rank() > 0) c.recv(p, n, DType::f32, c.rank() - 1, s);
            c.send(p, n, DType::f32, (c.rank() + 1) % size, s);
            if (c.rank() == 0) c.recv(p, n, DType::f32, size - 1, s);
        },
        [](auto& c, float* p, std::size_t n, auto& s) {
            c.split(c.rank() % 2, 0)->all_reduce(p, p, n, DType::f32, comm::ReduceOp::max, s);
        },
    };
    return calls;
}

}  // namespace

TEST_CASE("comm: a rank killed in any operation ends all others, and leaves no shared memory") {
    for (const std::vector<int>& layout : {std::vector<int>{4}, std::vector<int>{1, 3}}) {
        for (std::size_t call = 0; call < other_calls().size(); ++call) {
            for (const std::size_t count : {std::size_t{10}, std::size_t{100000}}) {
                CAPTURE(layout.size());
                CAPTURE(call);
                CAPTURE(count);
                const auto outcome = fork_ranks(layout, [&](Rank& rank) {
                    std::vector<float> values(8 * count, 1.0F);
                    test::FakeStream stream;
                    for (int turn = 0;; ++turn) {
                        if (rank.step.rank == 2 && turn == 5) ::raise(SIGKILL);
                        other_calls()[call](rank.communicator, values.data(), count, stream);
                    }
                });
                CHECK(outcome.status == std::vector<int>{3, 3, killed, 3});
                CHECK(test::shared_memory_left(outcome.token).empty());
            }
        }
    }
}

TEST_CASE("comm: a peer that does not come to a message is named when its time is over") {
    for (const std::vector<int>& layout : {std::vector<int>{2}, std::vector<int>{1, 1}}) {
        test::ForkOptions options;
        options.operation_timeout = std::chrono::milliseconds(300);
        const auto outcome = fork_ranks(
            layout,
            [](Rank& rank) {
                test::FakeStream stream;
                float value = 0;
                if (rank.step.rank == 1) {
                    while (!rank.channel.failure()) {
                        std::this_thread::sleep_for(std::chrono::milliseconds(10));
                    }
                    rank.channel.check();
                }
                try {
                    rank.communicator.recv(&value, 1, DType::f32, 1, stream);
                } catch (const CommError& error) {
                    const std::string text = error.what();
                    expect(text.find("did not come to a send in time (rank 0 on n1 waits to "
                                     "receive 4 bytes)") != std::string::npos,
                           text);
                    throw;
                }
            },
            options);
        CHECK(outcome.status == std::vector<int>{3, 3});
    }
}

TEST_CASE("comm: a killed rank ends all others, and leaves no shared memory") {
    const auto die = [] { ::raise(SIGKILL); };
    for (const std::vector<int>& layout :
         {std::vector<int>{4}, std::vector<int>{2, 2}, std::vector<int>{1, 1, 1, 1}}) {
        for (const int victim : {0, 2, 3}) {
            CAPTURE(layout.size());
            CAPTURE(victim);
            for (const std::size_t count : {std::size_t{10}, std::size_t{400000}}) {
                const auto outcome = fork_ranks(layout, reduce_until(victim, die, count));
                std::vector<int> expected(4, 3);
                expected[static_cast<std::size_t>(victim)] = killed;
                CAPTURE(fmt::format("{}", fmt::join(outcome.status, " ")));
                CHECK(outcome.status == expected);
                CHECK(test::shared_memory_left(outcome.token).empty());
            }
        }
    }
}

TEST_CASE(
    "comm: leaders that wait for another node end with the step's failure, not with their time") {
    test::ForkOptions options;
    options.operation_timeout = std::chrono::minutes(30);
    options.limit = std::chrono::minutes(1);
    // Rank 2 leads its node and never comes; rank 3 fails beside it.
    const auto outcome = fork_ranks(
        {2, 2, 1},
        [](Rank& rank) {
            test::FakeStream stream;
            std::vector<float> values(100000, 1.0F);
            if (rank.step.rank == 3) throw ConfigError("no such kernel");
            if (rank.step.rank == 2) {
                while (!rank.channel.failure()) {
                    std::this_thread::sleep_for(std::chrono::milliseconds(10));
                }
                std::this_thread::sleep_for(std::chrono::milliseconds(500));
                rank.channel.check();
            }
            rank.communicator.all_reduce(values.data(), values.data(), values.size(), DType::f32,
                                         comm::ReduceOp::max, stream);
        },
        options);
    CHECK(outcome.status == std::vector<int>{2, 2, 2, 2, 2});
}

TEST_CASE("comm: a rank that throws ends all others with its code") {
    const auto throws = [] { throw ConfigError("no such kernel"); };
    for (const std::vector<int>& layout : {std::vector<int>{3}, std::vector<int>{2, 1}}) {
        const auto outcome = fork_ranks(layout, reduce_until(1, throws, 1000));
        CHECK(outcome.status == std::vector<int>{2, 2, 2});
    }
}

TEST_CASE("comm: a rank that does not come is named when the operation's time is over") {
    test::ForkOptions options;
    options.operation_timeout = std::chrono::milliseconds(300);
    const auto outcome = fork_ranks(
        {3},
        [](Rank& rank) {
            test::FakeStream stream;
            if (rank.step.rank == 1) {
                while (!rank.channel.failure()) {
                    std::this_thread::sleep_for(std::chrono::milliseconds(10));
                }
                rank.channel.check();
            }
            try {
                rank.communicator.barrier(stream);
            } catch (const CommError& error) {
                const std::string text = error.what();
                expect(text.find("rank 1 on n1 did not come") != std::string::npos, text);
                throw;
            }
        },
        options);
    CHECK(outcome.status == std::vector<int>{3, 3, 3});
}
