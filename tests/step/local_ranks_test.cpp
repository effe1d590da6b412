// SPDX-License-Identifier: Apache-2.0
#include "runtime/step/local_ranks.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <functional>
#include <initializer_list>
#include <string>
#include <thread>

#include "runtime/base/error.hpp"
#include "runtime/step/stop_signal.hpp"

using namespace warpstep;
using namespace warpstep::step;
using std::chrono::milliseconds;

namespace {

/// What a test can see of a launch: the code that the parent got, and what all wrote to stderr.
struct Outcome {
    int exit_code = -1;
    std::string errors;
};

using Body = std::function<int(LocalRank&)>;

std::string read_all(int descriptor) {
    std::string text;
    std::array<char, 512> part{};
    for (ssize_t got = 0; (got = ::read(descriptor, part.data(), part.size())) > 0;) {
        text.append(part.data(), static_cast<std::size_t>(got));
    }
    return text;
}

/// A rank calls this once it can take a signal.
void say_ready() {
    [[maybe_unused]] const auto sent = ::write(STDERR_FILENO, "r", 1);
}

/// Runs the launch in a process of its own, so that signals and stderr are not those of the test. A
/// `signal` goes to that process when all ranks are ready.
Outcome launch(int count, const Body& body, int signal = 0, Grace grace = {}) {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe(pipe.data()) == 0);
    std::fflush(nullptr);  // or a child would print the buffers again
    const pid_t launcher = ::fork();
    if (launcher == 0) {
        ::dup2(pipe[1], STDERR_FILENO);
        ::close(pipe[0]);
        ::close(pipe[1]);
        int exit_code = -1;
        auto rank = start_local_ranks(count, 4096, exit_code, grace);
        if (rank) ::_exit(body(*rank));
        ::_exit(exit_code);
    }
    ::close(pipe[1]);
    if (signal != 0) {
        for (int ready = 0; ready < count; ++ready) {
            char byte = 0;
            REQUIRE(::read(pipe[0], &byte, 1) == 1);
        }
        ::kill(launcher, signal);
    }
    Outcome outcome;
    outcome.errors = read_all(pipe[0]);
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(launcher, &status, 0);
    outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return outcome;
}

std::atomic_ref<int> word(LocalRank& rank, int index) {
    return std::atomic_ref<int>(reinterpret_cast<int*>(rank.shared.bytes().data())[index]);
}

void sleep_ms(int ms) {
    std::this_thread::sleep_for(milliseconds(ms));
}

void wait_for_stop() {
    while (!stop_requested()) sleep_ms(1);
}

}  // namespace

TEST_CASE("step: local ranks know who they are and share memory") {
    const Outcome outcome = launch(3, [](LocalRank& rank) {
        const Step& step = rank.step;
        const bool known = step.launcher == Launcher::local_ranks && step.size == 3 &&
                           step.local_size == 3 && step.local_rank == step.rank &&
                           step.nodes() == 1 && !step.node_name().empty() &&
                           step.node_ranks[0] == std::vector<int>{0, 1, 2};
        if (!known || rank.shared.bytes().size() != 4096) return 9;
        word(rank, step.rank).store(step.rank + 1);
        for (int peer = 0; peer < 3; ++peer) {
            while (word(rank, peer).load() != peer + 1) sleep_ms(1);
        }
        return 0;
    });
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.errors.empty());
}

TEST_CASE("step: the largest exit code of the local ranks is the code of all") {
    CHECK(launch(3, [](LocalRank& rank) { return rank.step.rank; }).exit_code == 2);
    CHECK(launch(3, [](LocalRank& rank) { return rank.step.rank == 0 ? 75 : 1; }).exit_code == 75);
}

TEST_CASE("step: fewer than one local rank is a mistake of the caller") {
    int exit_code = -1;
    CHECK_THROWS_WITH_AS(
        start_local_ranks(0, 0, exit_code),
        "cannot start 0 local ranks (there must be one at least); type --local-ranks 2",
        ConfigError);
}

TEST_CASE("step: SIGTERM and SIGINT reach every local rank") {
    for (const int signal : {SIGTERM, SIGINT}) {
        CAPTURE(signal);
        const auto body = [](LocalRank& rank) {
            install_stop_signals();
            say_ready();
            wait_for_stop();
            word(rank, 0).fetch_add(1);
            while (word(rank, 0).load() != 2) sleep_ms(1);
            return 10 + stop_signal();
        };
        const Outcome outcome = launch(2, body, signal);
        CHECK(outcome.exit_code == 10 + signal);
        CHECK(outcome.errors.empty());
    }
}

TEST_CASE("step: SIGUSR1 reaches every local rank") {
    const auto body = [](LocalRank&) {
        sigset_t user;
        sigemptyset(&user);
        sigaddset(&user, SIGUSR1);
        ::sigprocmask(SIG_BLOCK, &user, nullptr);
        say_ready();
        const timespec limit{20, 0};
        return ::sigtimedwait(&user, nullptr, &limit) == SIGUSR1 ? 7 : 8;
    };
    CHECK(launch(2, body, SIGUSR1).exit_code == 7);
}

TEST_CASE("step: a local rank that a passed-on signal ends is not reported as a surprise") {
    const auto body = [](LocalRank&) {
        ::signal(SIGTERM, SIG_DFL);
        say_ready();
        for (;;) sleep_ms(1000);
        return 0;
    };
    const Outcome outcome = launch(2, body, SIGTERM);
    CHECK(outcome.exit_code == 128 + SIGTERM);
    CHECK(outcome.errors.empty());
}

TEST_CASE("step: a local rank that is killed is named, and its peers may end by themselves") {
    const Outcome outcome = launch(3, [](LocalRank& rank) {
        if (rank.step.rank == 2) ::raise(SIGKILL);
        sleep_ms(200);
        return 3;
    });
    CHECK(outcome.exit_code == 128 + SIGKILL);
    CHECK(outcome.errors == "warpstep: rank 2 was killed by signal 9 (Killed)\n");
}

TEST_CASE("step: peers of a killed local rank that do not notice are told to stop") {
    const Outcome outcome = launch(2,
                                   [](LocalRank& rank) {
                                       install_stop_signals();
                                       if (rank.step.rank == 1) ::raise(SIGKILL);
                                       wait_for_stop();
                                       [[maybe_unused]] const auto sent =
                                           ::write(STDERR_FILENO, "told\n", 5);
                                       return 3;
                                   },
                                   0, {milliseconds(200), milliseconds(20'000)});
    CHECK(outcome.exit_code == 128 + SIGKILL);
    CHECK(outcome.errors == "warpstep: rank 1 was killed by signal 9 (Killed)\ntold\n");
}

TEST_CASE("step: peers of a killed local rank that do not stop are killed") {
    const Outcome outcome =
        launch(2,
               [](LocalRank& rank) {
                   if (rank.step.rank == 1) {
                       ::signal(SIGSEGV, SIG_DFL);  // doctest and sanitizers have handlers
                       ::raise(SIGSEGV);
                   }
                   ::signal(SIGTERM, SIG_IGN);
                   for (;;) sleep_ms(1000);
                   return 0;
               },
               0, {milliseconds(200), milliseconds(200)});
    CHECK(outcome.exit_code == 128 + SIGSEGV);  // the largest: the other one ended by SIGKILL
    CHECK(outcome.errors.find("warpstep: rank 1 was killed by signal 11") != std::string::npos);
    CHECK(outcome.errors.find("rank 0") == std::string::npos);
}

TEST_CASE("step: local ranks do not outlive the process that started them") {
    const auto body = [](LocalRank& rank) {
        install_stop_signals();
        say_ready();
        wait_for_stop();
        const char name = static_cast<char>('0' + rank.step.rank);
        [[maybe_unused]] const auto sent = ::write(STDERR_FILENO, &name, 1);
        return 0;
    };
    const Outcome outcome = launch(2, body, SIGKILL);
    CHECK(outcome.exit_code == -1);
    CHECK(outcome.errors.size() == 2);  // read to its end, so no rank is left
}
