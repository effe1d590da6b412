// SPDX-License-Identifier: Apache-2.0
// All ranks of a step as threads of this process, each with its own channel over loopback.
#include "runtime/comm/control_channel.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/fork_ranks.hpp"

using namespace warpstep;
using comm::ControlChannel;
using comm::Listener;
using comm::PeerFailure;

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Deadline soon() {
    return Deadline::in(seconds(20));
}

struct Ranks {
    std::vector<int> ranks_per_node;
    std::string key = "step 17.0";
    std::vector<int> absent = {};  ///< these never connect
    milliseconds setup{20000};
};

using Body = std::function<void(const step::Step&, std::unique_ptr<ControlChannel>&)>;

// The message of the error that ended each rank, "" for none.
std::vector<std::string> run(const Ranks& ranks, const Body& body,
                             const std::function<void(int port)>& meanwhile = {}) {
    const auto first = test::make_step(ranks.ranks_per_node, 0);
    std::vector<std::string> errors(static_cast<std::size_t>(first.size));
    std::optional<Listener> listener(std::in_place, "127.0.0.1");
    const int port = listener->port();
    std::vector<std::thread> threads;
    for (int rank = 0; rank < first.size; ++rank) {
        bool absent = false;
        for (const int one : ranks.absent) absent = absent || one == rank;
        if (absent) continue;
        threads.emplace_back([&, rank] {
            const auto step = test::make_step(ranks.ranks_per_node, rank);
            try {
                auto channel = ControlChannel::connect(
                    step, rank == 0 ? std::move(listener) : std::nullopt, "127.0.0.1", port,
                    ranks.key, Deadline::in(ranks.setup));
                body(step, channel);
            } catch (const std::exception& error) {
                errors[static_cast<std::size_t>(rank)] = error.what();
            }
        });
    }
    if (meanwhile) meanwhile(port);
    for (auto& thread : threads) thread.join();
    return errors;
}

std::vector<std::string> none(std::size_t size) {
    return std::vector<std::string>(size);
}

void expect(bool condition, const std::string& text) {
    test::expect(condition, text);
}

/// A connection that sends some bytes and stays open until it is destroyed.
class Intruder {
  public:
    Intruder(int port, const std::string& bytes) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
            (void)!::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        }
    }
    ~Intruder() { ::close(fd_); }
    Intruder(const Intruder&) = delete;
    Intruder& operator=(const Intruder&) = delete;

  private:
    int fd_;
};

}  // namespace

TEST_CASE("comm: gather, broadcast, agree and all_gather reach all ranks of a star") {
    for (const int size : {1, 2, 5, 17}) {
        CAPTURE(size);
        const auto errors = run({{size}}, [](const step::Step& step, auto& channel) {
            for (int turn = 0; turn < 20; ++turn) {
                const auto mine = "r" + std::to_string(step.rank) + "." + std::to_string(turn);
                const auto gathered = channel->gather(mine, soon());
                expect(gathered.size() == static_cast<std::size_t>(step.rank == 0 ? step.size : 0),
                       "gather has a wrong size");
                expect(channel->broadcast(mine, soon()) == "r0." + std::to_string(turn),
                       "broadcast is wrong");
                const auto all = channel->all_gather(mine, soon());
                for (int rank = 0; rank < step.size; ++rank) {
                    const auto theirs = "r" + std::to_string(rank) + "." + std::to_string(turn);
                    const auto place = static_cast<std::size_t>(rank);
                    expect(all.at(place) == theirs, "all_gather is wrong");
                    if (step.rank == 0) expect(gathered[place] == theirs, "gather is wrong");
                }
                const int code = step.rank == step.size / 2 ? turn : 0;
                expect(channel->agree(code, soon()) == turn, "agree is wrong");
            }
            channel->check();
            expect(!channel->failure(), "there was no failure");
            channel->close(soon());
        });
        CHECK(errors == none(static_cast<std::size_t>(size)));
    }
}

TEST_CASE("comm: large blobs of all ranks at once do not block the star") {
    const auto errors = run({{8, 8}}, [](const step::Step& step, auto& channel) {
        for (int turn = 0; turn < 2; ++turn) {
            const std::string mine(1 << 20, static_cast<char>('a' + step.rank + turn));
            const auto all = channel->all_gather(mine, soon());
            for (int rank = 0; rank < step.size; ++rank) {
                const std::string theirs(1 << 20, static_cast<char>('a' + rank + turn));
                expect(all.at(static_cast<std::size_t>(rank)) == theirs, "a blob is wrong");
            }
        }
        channel->close(soon());
    });
    CHECK(errors == none(16));
}

TEST_CASE("comm: empty blobs and bytes of all values pass unchanged") {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    const auto errors = run({{3}}, [&](const step::Step& step, auto& channel) {
        const auto all = channel->all_gather(step.rank == 1 ? bytes : "", soon());
        expect(all == std::vector<std::string>{"", bytes, ""}, "blobs changed");
        channel->close(soon());
    });
    CHECK(errors == none(3));
}

TEST_CASE("comm: a rank that fails stops every other wait with its code and text") {
    for (const int victim : {0, 3}) {
        CAPTURE(victim);
        std::atomic<int> codes_right{0};
        const auto errors = run({{2, 3}}, [&](const step::Step& step, auto& channel) {
            // Not an exchange: whoever is still in one would be stopped there.
            if (step.rank == victim) {
                channel->fail(2, "no kernel 'sxapy'; did you mean 'saxpy'?");
                while (!channel->failure()) std::this_thread::sleep_for(milliseconds(1));
                return;
            }
            try {
                channel->all_gather("y", soon());
            } catch (const PeerFailure& failure) {
                if (failure.rank == victim && failure.code() == ExitCode::bad_input) ++codes_right;
                throw;
            }
        });
        CHECK(codes_right == 4);
        for (int rank = 0; rank < 5; ++rank) {
            const std::string expected = "rank " + std::to_string(victim) + " on n" +
                                         std::to_string(victim < 2 ? 1 : 2) +
                                         " failed: no kernel 'sxapy'; did you mean 'saxpy'?";
            CHECK(errors[static_cast<std::size_t>(rank)] == (rank == victim ? "" : expected));
        }
    }
}

TEST_CASE("comm: the first of two failures is the step's") {
    std::mutex mutex;
    std::vector<int> seen;
    run({{4}}, [&](const step::Step& step, auto& channel) {
        if (step.rank == 2) channel->fail(1, "first");
        while (!channel->failure()) std::this_thread::sleep_for(milliseconds(1));
        if (step.rank == 1) channel->fail(75, "second");
        std::this_thread::sleep_for(milliseconds(50));
        const std::lock_guard lock(mutex);
        seen.push_back(channel->failure()->code);
    });
    CHECK(seen == std::vector<int>{1, 1, 1, 1});
}

TEST_CASE("comm: a rank that vanishes is named to all others") {
    for (const int victim : {0, 4}) {
        CAPTURE(victim);
        const auto errors = run({{2, 3}}, [&](const step::Step& step, auto& channel) {
            channel->all_gather("x", soon());
            if (step.rank == victim) {
                channel.reset();
                return;
            }
            channel->all_gather("y", soon());
        });
        const std::string name = victim == 0 ? "rank 0 on n1" : "rank 4 on n2";
        for (int rank = 0; rank < 5; ++rank) {
            const auto& error = errors[static_cast<std::size_t>(rank)];
            if (rank == victim) continue;
            CHECK(error.find(name + " died (") == 0);
            CHECK(error.find("; see its own messages and srun's line") != std::string::npos);
        }
    }
}

TEST_CASE("comm: ranks that do not connect are named at the deadline, to all who did") {
    Ranks ranks{{2, 3}};
    ranks.absent = {2, 4};
    ranks.setup = milliseconds(400);
    const auto errors =
        run(ranks, [](const step::Step&, auto& channel) { channel->all_gather("x", soon()); });
    const std::string expected =
        "ranks 2 and 4 on n2 did not join the control channel in time (3 "
        "of 5 ranks did); see their own messages";
    for (const std::size_t rank : {0, 1, 3}) CHECK(errors[rank].find(expected) == 0);
}

TEST_CASE("comm: ranks that do not come to an exchange are named at its deadline, to all") {
    const auto errors = run({{2, 2}}, [](const step::Step& step, auto& channel) {
        if (step.rank == 1 || step.rank == 2) {
            while (!channel->failure()) std::this_thread::sleep_for(milliseconds(1));
            channel->check();
        }
        channel->all_gather("x", Deadline::in(milliseconds(300)));
    });
    const std::string expected =
        "ranks 1 on n1, 2 on n2 did not arrive in time (the deadline of the exchange has passed); "
        "see their own messages";
    for (const auto& error : errors) CHECK(error == expected);
}

TEST_CASE("comm: strangers at the door neither get in nor stop the step") {
    std::vector<std::unique_ptr<Intruder>> intruders;
    const Body body = [](const step::Step& step, auto& channel) {
        expect(channel->all_gather(std::to_string(step.rank), soon()).size() == 3, "size");
        channel->close(soon());
    };
    Ranks ranks{{3}};
    const auto errors = run(ranks, body, [&](int port) {
        intruders.push_back(std::make_unique<Intruder>(port, "GET / HTTP/1.1\r\nHost: n1\r\n\r\n"));
        intruders.push_back(std::make_unique<Intruder>(port, std::string(100, '\0')));
        intruders.push_back(std::make_unique<Intruder>(port, "short"));
        intruders.push_back(std::make_unique<Intruder>(port, ""));
    });
    CHECK(errors == none(3));
}

TEST_CASE("comm: a rank of another step is not let in") {
    std::optional<Listener> listener(std::in_place, "127.0.0.1");
    const int port = listener->port();
    std::string error_of_other;
    std::thread other([&] {
        try {
            ControlChannel::connect(test::make_step({2}, 1), std::nullopt, "127.0.0.1", port,
                                    "step 18.0", Deadline::in(milliseconds(300)));
        } catch (const CommError& error) {
            error_of_other = error.what();
        }
    });
    CHECK_THROWS_AS(
        ControlChannel::connect(test::make_step({2}, 0), std::move(listener), "127.0.0.1", port,
                                "step 17.0", Deadline::in(milliseconds(600))),
        CommError);
    other.join();
    CHECK(error_of_other.find("rank 0 on n1 did not let this rank join at 127.0.0.1 port ") == 0);
}

TEST_CASE("comm: after close() a rank may leave whenever it likes") {
    const auto errors = run({{5}}, [](const step::Step& step, auto& channel) {
        channel->close(soon());
        std::this_thread::sleep_for(milliseconds(10 * step.rank));
        channel->check();
    });
    CHECK(errors == none(5));
}

TEST_CASE("comm: a single rank's failure is its own") {
    auto channel =
        ControlChannel::connect(test::make_step({1}, 0), std::nullopt, "", 0, "key", soon());
    channel->check();
    channel->fail(1, "wrong result");
    REQUIRE(channel->failure());
    CHECK(channel->failure()->code == 1);
    CHECK(channel->failure()->text == "wrong result");
    CHECK_THROWS_AS(channel->check(), PeerFailure);
}

TEST_CASE("comm: the routable address is loopback for one node only") {
    ::unsetenv("WARPSTEP_CONTROL_ADDRESS");
    CHECK(comm::routable_address(test::make_step({4}, 0)) == "127.0.0.1");
    try {
        const auto address = comm::routable_address(test::make_step({2, 2}, 0));
        CHECK(address.rfind("127.", 0) == std::string::npos);
        CHECK(address != "::1");
    } catch (const EnvironmentError& error) {
        CHECK(std::string(error.what()).find("no network address") != std::string::npos);
    }
}

TEST_CASE("comm: WARPSTEP_CONTROL_ADDRESS may be an address or an interface of this machine") {
    ::setenv("WARPSTEP_CONTROL_ADDRESS", "127.0.0.1", 1);
    CHECK(comm::routable_address(test::make_step({1, 1}, 0)) == "127.0.0.1");
    ::setenv("WARPSTEP_CONTROL_ADDRESS", "lo", 1);
    CHECK(comm::routable_address(test::make_step({1, 1}, 1)) == "127.0.0.1");
    ::setenv("WARPSTEP_CONTROL_ADDRESS", "203.0.113.9", 1);
    CHECK_THROWS_AS(comm::routable_address(test::make_step({1, 1}, 0)), EnvironmentError);
    ::unsetenv("WARPSTEP_CONTROL_ADDRESS");
}

TEST_CASE("comm: a channel of those who came knows who they are") {
    std::optional<Listener> listener(std::in_place, "127.0.0.1");
    const int port = listener->port();
    std::vector<std::thread> threads;
    std::vector<std::string> seen(4);
    for (const int rank : {0, 1, 3}) {
        threads.emplace_back([&, rank] {
            const auto step = test::make_step({2, 2}, rank);
            auto arrived = ControlChannel::connect_arrived(
                step, rank == 0 ? std::move(listener) : std::nullopt, "127.0.0.1", port, "step 17",
                Deadline::in(milliseconds(1500)), soon());
            std::string text;
            for (const int one : arrived.ranks) text += std::to_string(one) + " ";
            for (const auto& blob : arrived.channel->all_gather(std::to_string(rank), soon()))
                text += blob;
            arrived.channel->close(soon());
            seen[static_cast<std::size_t>(rank)] = text;
        });
    }
    for (auto& thread : threads) thread.join();
    for (const std::size_t rank : {0, 1, 3}) CHECK_EQ(seen[rank], "0 1 3 013");
}

TEST_CASE("comm: rank 0 alone is a channel of one when nobody comes") {
    std::optional<Listener> listener(std::in_place, "127.0.0.1");
    const int port = listener->port();
    auto arrived =
        ControlChannel::connect_arrived(test::make_step({2}, 0), std::move(listener), "127.0.0.1",
                                        port, "step 17", Deadline::in(milliseconds(100)), soon());
    CHECK(arrived.ranks == std::vector<int>{0});
    CHECK(arrived.channel->agree(1, soon()) == 1);
    arrived.channel->close(soon());
}
