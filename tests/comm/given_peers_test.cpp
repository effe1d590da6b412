// SPDX-License-Identifier: Apache-2.0
// Children that were told their peers.
#include "runtime/comm/given_peers.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "runtime/base/error.hpp"

using namespace warpstep;
using namespace std::chrono_literals;

namespace {

comm::GivenPeers example(int rank) {
    comm::GivenPeers peers;
    peers.step.launcher = step::Launcher::given;
    peers.step.rank = rank;
    peers.step.size = 3;
    peers.step.node_names = {"n1", "n2"};
    peers.step.node_ranks = {{0, 2}, {1}};
    peers.step.node = rank == 1 ? 1 : 0;
    peers.step.local_rank = rank == 2 ? 1 : 0;
    peers.step.local_size = rank == 1 ? 1 : 2;
    peers.step.job_id = "17";
    peers.step.step_id = "0";
    peers.address = "127.0.0.1";
    peers.port = 1234;
    peers.key = "secret";
    peers.seat = comm::Seat{"0000:1b:00.0", "0-3"};
    return peers;
}

}  // namespace

TEST_CASE("comm: given peers are read as they were written") {
    const auto back = comm::decode_given_peers(comm::encode(example(2)));
    CHECK(back.step.launcher == step::Launcher::given);
    CHECK(back.step.rank == 2);
    CHECK(back.step.size == 3);
    CHECK(back.step.local_rank == 1);
    CHECK(back.step.local_size == 2);
    CHECK(back.step.node_name() == "n1");
    CHECK(back.step.node_ranks == std::vector<std::vector<int>>{{0, 2}, {1}});
    CHECK(back.step.job_id == "17");
    CHECK(back.address == "127.0.0.1");
    CHECK(back.port == 1234);
    CHECK(back.key == "secret");
    CHECK(back.listener == -1);
    REQUIRE(back.seat);
    CHECK(back.seat->gpu == "0000:1b:00.0");
    CHECK(back.seat->cpus == "0-3");
}

TEST_CASE("comm: given peers that make no sense are refused") {
    for (const char* text : {"", "{", "[]", "{}", "17"}) {
        CHECK_THROWS_WITH_AS(comm::decode_given_peers(text),
                             doctest::Contains("WARPSTEP_PEERS cannot be read"), ConfigError);
    }
    auto wrong = example(0);
    wrong.step.rank = 3;
    CHECK_THROWS_AS(comm::decode_given_peers(comm::encode(wrong)), ConfigError);
    wrong = example(0);
    wrong.step.local_rank = 1;
    CHECK_THROWS_AS(comm::decode_given_peers(comm::encode(wrong)), ConfigError);
}

TEST_CASE("comm: without the variable no peers are given") {
    ::unsetenv("WARPSTEP_PEERS");
    CHECK_FALSE(comm::given_peers());
    ::setenv("WARPSTEP_PEERS", comm::encode(example(1)).c_str(), 1);
    CHECK(comm::given_peers().value().step.rank == 1);
    ::unsetenv("WARPSTEP_PEERS");
}

TEST_CASE("comm: given peers meet on a listener that rank 0 inherits") {
    comm::Listener listener("127.0.0.1");
    const int port = listener.port();
    const int inherited = listener.release();
    std::vector<std::string> heard(3);
    std::vector<std::thread> ranks;
    for (int rank = 0; rank < 3; ++rank) {
        ranks.emplace_back([&, rank] {
            auto peers = example(rank);
            peers.port = port;
            if (rank == 0) peers.listener = inherited;
            const auto channel = comm::meet(peers, Deadline::in(20s));
            const auto all = channel->all_gather(std::to_string(rank), Deadline::in(20s));
            heard[static_cast<std::size_t>(rank)] = all[0] + all[1] + all[2];
            channel->close(Deadline::in(20s));
        });
    }
    for (auto& rank : ranks) rank.join();
    for (const auto& all : heard) CHECK(all == "012");
}

TEST_CASE("comm: an inherited descriptor must be a listener") {
    const int file = ::open("/dev/null", O_RDONLY);
    CHECK_THROWS_WITH_AS(comm::Listener::inherited(file), doctest::Contains("no listening socket"),
                         EnvironmentError);
    CHECK_THROWS_AS(comm::Listener::inherited(-1), EnvironmentError);
    ::close(file);
}

TEST_CASE("comm: a child alone meets itself") {
    comm::GivenPeers alone;
    alone.step.launcher = step::Launcher::given;
    const auto channel = comm::meet(alone, Deadline::in(20s));
    CHECK(channel->all_gather("x", Deadline::in(1s)) == std::vector<std::string>{"x"});
}
