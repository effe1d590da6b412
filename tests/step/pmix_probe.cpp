// SPDX-License-Identifier: Apache-2.0
// One rank under a real launcher: joins, prints its step as one line, exchanges a word with its
// peers and says what came back. The arguments make it misbehave, to see what the launcher and the
// peers do:
//   pmix_probe [--deadline-ms N] [--die RANK | --late RANK MS | --abort RANK CODE | --die-after
//   RANK]
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/text.hpp"
#include "runtime/comm/pmix_exchange.hpp"
#include "runtime/step/join.hpp"
#include "runtime/step/stop_signal.hpp"

namespace {

using namespace warpstep;

struct Misbehaviour {
    std::string what;
    int rank = -1;
    int value = 0;
};

struct Arguments {
    std::chrono::milliseconds deadline{30'000};
    Misbehaviour wrong;
};

Arguments parse(int argc, char** argv) {
    Arguments arguments;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        const auto next = [&] { return i + 1 < argc ? std::atoi(argv[++i]) : 0; };
        if (word == "--deadline-ms") {
            arguments.deadline = std::chrono::milliseconds(next());
            continue;
        }
        arguments.wrong.what = word;
        arguments.wrong.rank = next();
        if (word == "--late" || word == "--abort") arguments.wrong.value = next();
    }
    return arguments;
}

std::string show(const step::Step& step) {
    std::vector<std::string> nodes;
    for (std::size_t node = 0; node < step.node_names.size(); ++node) {
        nodes.push_back(
            fmt::format("{}:{}", step.node_names[node], fmt::join(step.node_ranks[node], ",")));
    }
    return fmt::format(
        "step rank={}/{} local={}/{} node={}({}) nodes=[{}] job='{}' step='{}' ns='{}'", step.rank,
        step.size, step.local_rank, step.local_size, step.node, step.node_name(), join(nodes, " "),
        step.job_id, step.step_id, step.name_space);
}

// One write() per line, so that lines of ranks do not mix.
void say(const std::string& line) {
    const std::string whole = line + "\n";
    if (::write(STDOUT_FILENO, whole.data(), whole.size()) < 0) std::_Exit(9);
}

void misbehave(const Misbehaviour& wrong, int rank, std::optional<step::PmixSession>& session) {
    if (wrong.rank != rank) return;
    if (wrong.what == "--die") ::raise(SIGKILL);
    if (wrong.what == "--late") std::this_thread::sleep_for(std::chrono::milliseconds(wrong.value));
    if (wrong.what == "--abort" && session) session->abort(wrong.value, "asked to abort");
}

void meet(step::PmixSession& session, const step::Step& step, const Arguments& arguments) {
    comm::PmixExchange exchange(session, step);
    std::string mine = fmt::format("rank {}", step.rank);
    mine.push_back('\0');  // records are bytes, not text
    const auto words = exchange.all_gather(mine, Deadline::in(arguments.deadline));
    int good = 0;
    for (int rank = 0; rank < step.size; ++rank) {
        const auto& word = words.at(static_cast<std::size_t>(rank));
        good += word == fmt::format("rank {}", rank) + std::string(1, '\0') ? 1 : 0;
    }
    say(fmt::format("met rank={} good={}/{} pmix-threads={}", step.rank, good, step.size,
                    session.threads().size()));
}

int run(const Arguments& arguments, std::optional<step::PmixSession>& session) {
    const step::Identity identity = step::join_step(session);
    log::set_speaker(step::show_speaker(identity.step));
    for (const auto& hint : identity.hints) log::warn(hint);
    say(show(identity.step));
    misbehave(arguments.wrong, identity.step.rank, session);
    if (session) {
        meet(*session, identity.step, arguments);
        session->finalize();
    }
    if (arguments.wrong.what == "--die-after") {
        if (arguments.wrong.rank == identity.step.rank) ::raise(SIGKILL);
        std::this_thread::sleep_for(std::chrono::seconds(3));
        say(fmt::format("survived rank={}{}", identity.step.rank,
                        step::stop_requested() ? " (asked to stop)" : ""));
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    std::optional<step::PmixSession> session;
    step::install_stop_signals();
    try {
        return run(parse(argc, argv), session);
    } catch (const Error& error) {
        log::error(error.what());
        if (session) session->abort(static_cast<int>(error.code()), error.what());
        return static_cast<int>(error.code());
    }
}
