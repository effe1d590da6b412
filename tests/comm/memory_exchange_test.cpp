// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/memory_exchange.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/step/local_ranks.hpp"

using namespace warpstep;
using comm::MemoryExchange;
using std::chrono::milliseconds;

namespace {

step::Step rank_of(int rank, int size) {
    step::Step step;
    step.launcher = step::Launcher::local_ranks;
    step.rank = step.local_rank = rank;
    step.size = step.local_size = size;
    step.node_names = {"n1"};
    step.node_ranks = {{}};
    for (int peer = 0; peer < size; ++peer) step.node_ranks[0].push_back(peer);
    return step;
}

struct alignas(64) Line {
    std::byte bytes[64]{};
};

/// Zeroed, aligned memory for `ranks` ranks.
class Memory {
  public:
    explicit Memory(int ranks, std::size_t capacity = MemoryExchange::default_capacity)
        : lines_(MemoryExchange::bytes_for(ranks, capacity) / sizeof(Line)) {}
    std::span<std::byte> bytes() { return {lines_.data()->bytes, lines_.size() * sizeof(Line)}; }

  private:
    std::vector<Line> lines_;
};

Deadline soon() {
    return Deadline::in(milliseconds(20'000));
}

std::string blob_of(int rank, int round) {
    return "rank " + std::to_string(rank) + " round " + std::to_string(round) +
           std::string(static_cast<std::size_t>(rank * 7 + round % 5), '\0');
}

/// How many of `rounds` exchanges brought exactly what every rank sent.
int good_rounds(MemoryExchange& exchange, int rank, int size, int rounds) {
    int good = 0;
    for (int round = 0; round < rounds; ++round) {
        const auto blobs = exchange.all_gather(blob_of(rank, round), soon());
        bool all = static_cast<int>(blobs.size()) == size;
        for (int peer = 0; all && peer < size; ++peer) {
            all = blobs[static_cast<std::size_t>(peer)] == blob_of(peer, round);
        }
        good += all ? 1 : 0;
    }
    return good;
}

std::string failure_of(MemoryExchange& exchange, Deadline deadline) {
    try {
        exchange.all_gather("mine", deadline);
    } catch (const CommError& error) {
        return error.what();
    }
    return "no failure";
}

}  // namespace

TEST_CASE("comm: one rank exchanges with itself") {
    Memory memory(1);
    const auto step = rank_of(0, 1);
    MemoryExchange exchange(memory.bytes(), step);
    CHECK(exchange.all_gather("alone", soon()) == std::vector<std::string>{"alone"});
    CHECK(exchange.all_gather("", soon()) == std::vector<std::string>{""});
}

TEST_CASE("comm: threads read each other's blobs, round after round") {
    constexpr int size = 4;
    constexpr int rounds = 100;
    Memory memory(size, 64);
    std::vector<int> good(size);
    std::vector<std::thread> ranks;
    for (int rank = 0; rank < size; ++rank) {
        ranks.emplace_back([&, rank] {
            const auto step = rank_of(rank, size);
            MemoryExchange exchange(memory.bytes(), step, 64);
            good[static_cast<std::size_t>(rank)] = good_rounds(exchange, rank, size, rounds);
        });
    }
    for (auto& rank : ranks) rank.join();
    CHECK(good == std::vector<int>(size, rounds));
}

TEST_CASE("comm: forked ranks read each other's blobs, round after round") {
    constexpr int size = 3;
    constexpr int rounds = 50;
    std::fflush(nullptr);  // or a child would print the buffers again
    const pid_t launcher = ::fork();
    if (launcher == 0) {
        int exit_code = -1;
        auto rank = step::start_local_ranks(size, MemoryExchange::bytes_for(size), exit_code);
        if (!rank) ::_exit(exit_code);
        MemoryExchange exchange(rank->shared.bytes(), rank->step);
        ::_exit(good_rounds(exchange, rank->step.rank, size, rounds) == rounds ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(launcher, &status, 0) == launcher);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("comm: a rank that was killed before the exchange is named at the deadline") {
    constexpr int size = 3;
    std::fflush(nullptr);  // or a child would print the buffers again
    const pid_t launcher = ::fork();
    if (launcher == 0) {
        int exit_code = -1;
        auto rank = step::start_local_ranks(size, MemoryExchange::bytes_for(size), exit_code);
        if (!rank) ::_exit(exit_code == 128 + SIGKILL ? 0 : 1);
        if (rank->step.rank == 1) ::raise(SIGKILL);
        MemoryExchange exchange(rank->shared.bytes(), rank->step);
        const auto text = failure_of(exchange, Deadline::in(milliseconds(500)));
        const auto& node = rank->step.node_name();
        // A wrong message makes a code above that of the signal, so the launcher sees it.
        ::_exit(text.find("rank 1 on " + node + " never arrived") == 0 ? 3 : 255);
    }
    int status = 0;
    REQUIRE(::waitpid(launcher, &status, 0) == launcher);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("comm: missing ranks are named at the deadline") {
    Memory memory(4);
    const auto step = rank_of(0, 4);
    MemoryExchange exchange(memory.bytes(), step);
    CHECK(failure_of(exchange, Deadline::in(milliseconds(0)))
              .find("ranks 1-3 on n1 never arrived (waited 0.") == 0);
}

TEST_CASE("comm: a rank that fell behind is named in the later round") {
    Memory memory(2);
    const auto first = rank_of(0, 2);
    const auto second = rank_of(1, 2);
    MemoryExchange ahead(memory.bytes(), first);
    std::thread once([&] {
        MemoryExchange exchange(memory.bytes(), second);
        exchange.all_gather("once", soon());
    });
    CHECK(ahead.all_gather("first", soon()) == std::vector<std::string>{"first", "once"});
    once.join();
    CHECK(failure_of(ahead, Deadline::in(milliseconds(20))).find("rank 1 on n1 never arrived") ==
          0);
}

TEST_CASE("comm: a blob larger than its place is refused, one as large is not") {
    Memory memory(1, 16);
    const auto step = rank_of(0, 1);
    MemoryExchange exchange(memory.bytes(), step, 16);
    const std::string full(16, 'x');
    CHECK(exchange.all_gather(full, soon()) == std::vector<std::string>{full});
    CHECK_THROWS_WITH_AS(exchange.all_gather(full + "y", soon()),
                         "internal: a record of 17 bytes is larger than its place of 16",
                         LogicError);
}

TEST_CASE("comm: memory that is too small is refused") {
    Memory memory(1);
    const auto step = rank_of(0, 2);
    CHECK_THROWS_AS(MemoryExchange(memory.bytes(), step), LogicError);
}
