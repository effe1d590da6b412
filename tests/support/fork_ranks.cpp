// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fork_ranks.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <numeric>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

#include "runtime/comm/host/host_communicator.hpp"

namespace warpstep::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string random_token() {
    std::random_device source;
    return fmt::format("test{:08x}{:08x}", source(), source());
}

void run_rank(const step::Step& step, std::optional<comm::Listener> listener, int port,
              const std::string& token, const std::function<void(Rank&)>& body,
              const ForkOptions& options) {
    const auto setup = Deadline::in(seconds(20));
    auto channel =
        comm::ControlChannel::connect(step, std::move(listener), "127.0.0.1", port, token, setup);
    try {
        auto communicator =
            comm::host::connect_host(step, *channel, fmt::format("{}-{}", token, step.node),
                                     "127.0.0.1", setup, options.operation_timeout);
        Rank rank{step, *channel, *communicator};
        body(rank);
    } catch (const comm::PeerFailure&) {
        throw;
    } catch (const Error& error) {
        channel->fail(static_cast<int>(error.code()), error.what());
        throw;
    } catch (const std::exception& error) {
        channel->fail(70, error.what());
        throw;
    }
    channel->close(Deadline::in(seconds(20)));
}

int guarded(const step::Step& step, const std::function<void()>& run) {
    try {
        run();
        return 0;
    } catch (const Error& error) {
        fmt::print(stderr, "{}: {}\n", step::show_speaker(step), error.what());
        return static_cast<int>(error.code());
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}: {}\n", step::show_speaker(step), error.what());
        return 70;
    }
}

int wait_for_end(pid_t child, Deadline deadline) {
    int status = 0;
    while (::waitpid(child, &status, WNOHANG) == 0) {
        if (deadline.passed()) ::kill(child, SIGKILL);
        std::this_thread::sleep_for(milliseconds(2));
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

step::Step make_step(const std::vector<int>& ranks_per_node, int rank) {
    step::Step step;
    step.launcher = step::Launcher::local_ranks;
    step.rank = rank;
    step.size = std::accumulate(ranks_per_node.begin(), ranks_per_node.end(), 0);
    step.node_names.clear();
    step.node_ranks.clear();
    int next = 0;
    for (std::size_t node = 0; node < ranks_per_node.size(); ++node) {
        step.node_names.push_back(fmt::format("n{}", node + 1));
        auto& ranks = step.node_ranks.emplace_back(static_cast<std::size_t>(ranks_per_node[node]));
        std::iota(ranks.begin(), ranks.end(), next);
        if (rank >= next && rank < next + ranks_per_node[node]) {
            step.node = static_cast<int>(node);
            step.local_rank = rank - next;
            step.local_size = ranks_per_node[node];
        }
        next += ranks_per_node[node];
    }
    return step;
}

Outcome fork_ranks(const std::vector<int>& ranks_per_node, const std::function<void(Rank&)>& body,
                   ForkOptions options) {
    Outcome outcome;
    outcome.token = random_token();
    std::optional<comm::Listener> listener(std::in_place, "127.0.0.1");
    const int port = listener->port();
    const int size = std::accumulate(ranks_per_node.begin(), ranks_per_node.end(), 0);
    std::fflush(nullptr);
    std::vector<pid_t> children;
    for (int rank = 0; rank < size; ++rank) {
        const pid_t child = ::fork();
        if (child < 0) throw std::runtime_error("fork failed");
        if (child > 0) {
            children.push_back(child);
            continue;
        }
        const auto step = make_step(ranks_per_node, rank);
        if (rank != 0) listener.reset();
        // _exit: the parent's static objects and doctest's report are not ours.
        ::_exit(guarded(step, [&] {
            run_rank(step, std::move(listener), port, outcome.token, body, options);
        }));
    }
    listener.reset();
    const auto deadline = Deadline::in(options.limit);
    for (const pid_t child : children) outcome.status.push_back(wait_for_end(child, deadline));
    return outcome;
}

void expect(bool condition, const std::string& text) {
    if (!condition) throw std::runtime_error(text);
}

std::vector<std::string> shared_memory_left(const std::string& token) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator("/dev/shm")) {
        const auto name = entry.path().filename().string();
        if (name.find(token) != std::string::npos) names.push_back(name);
    }
    return names;
}

}  // namespace warpstep::test
