// SPDX-License-Identifier: Apache-2.0
#include "runtime/step/local_ranks.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <initializer_list>
#include <utility>

#include "runtime/base/deadline.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"

namespace warpstep::step {
namespace {

/// The signals that the parent takes one by one with sigtimedwait instead of a handler; blocked
/// from before the first fork, so that none is lost between.
class BlockedSignals {
  public:
    BlockedSignals() {
        sigemptyset(&taken_);
        for (const int signal : {SIGTERM, SIGINT, SIGUSR1, SIGCHLD}) sigaddset(&taken_, signal);
        ::sigprocmask(SIG_BLOCK, &taken_, &before_);
    }
    BlockedSignals(const BlockedSignals&) = delete;
    BlockedSignals& operator=(const BlockedSignals&) = delete;
    ~BlockedSignals() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

    /// The next signal, 0 when none came within the span.
    int wait(std::chrono::milliseconds span) const {
        const timespec limit{span.count() / 1000, (span.count() % 1000) * 1'000'000};
        return std::max(0, ::sigtimedwait(&taken_, nullptr, &limit));
    }

  private:
    sigset_t taken_{};
    sigset_t before_{};
};

/// The parent's view of its ranks.
class Family {
  public:
    explicit Family(Grace grace) : grace_(grace) {}

    void add(pid_t child) { children_.push_back(child); }
    void send(int signal) const {
        for (const pid_t child : children_) {
            if (child > 0) ::kill(child, signal);
        }
    }
    int wait(const BlockedSignals& signals) {
        for (reap(); living() > 0; reap()) {
            // SIGCHLD wakes this up at once; the limit only keeps the grace periods.
            const int signal = signals.wait(std::chrono::milliseconds(100));
            if (signal != 0 && signal != SIGCHLD) {
                stopping_ = stopping_ || signal != SIGUSR1;
                send(signal);
            }
            if (next_blow_ && next_blow_->passed()) strike();
        }
        return exit_code_;
    }

  private:
    long living() const {
        return std::count_if(children_.begin(), children_.end(), [](pid_t pid) { return pid > 0; });
    }

    void reap() {
        for (std::size_t rank = 0; rank < children_.size(); ++rank) {
            int status = 0;
            if (children_[rank] <= 0 || ::waitpid(children_[rank], &status, WNOHANG) <= 0) continue;
            children_[rank] = 0;
            if (WIFEXITED(status)) exit_code_ = std::max(exit_code_, WEXITSTATUS(status));
            if (WIFSIGNALED(status)) note_killed(static_cast<int>(rank), WTERMSIG(status));
        }
    }

    void note_killed(int rank, int signal) {
        exit_code_ = std::max(exit_code_, 128 + signal);
        if (stopping_) return;  // the signal was passed on, or sent, by us
        log::error(
            fmt::format("rank {} was killed by signal {} ({})", rank, signal, ::strsignal(signal)));
        if (!next_blow_) next_blow_ = Deadline::in(grace_.to_notice);
    }

    void strike() {
        send(stopping_by_us_ ? SIGKILL : SIGTERM);
        stopping_ = stopping_by_us_ = true;
        next_blow_ = Deadline::in(grace_.to_terminate);
    }

    Grace grace_;
    std::vector<pid_t> children_;  ///< by rank; 0 once ended
    int exit_code_ = 0;
    bool stopping_ = false;        ///< the ranks were told to stop, by us or by a person
    bool stopping_by_us_ = false;  ///< by us, because a rank was killed
    std::optional<Deadline> next_blow_;
};

Step local_step(int rank, int count) {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    Step step;
    step.launcher = Launcher::local_ranks;
    step.rank = step.local_rank = rank;
    step.size = step.local_size = count;
    step.node_names = {host.data()};
    step.node_ranks = {{}};
    for (int peer = 0; peer < count; ++peer) step.node_ranks[0].push_back(peer);
    return step;
}

void die_with(pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    // The parent may have died before the line above, and then no signal comes.
    if (::getppid() != parent) ::_exit(128 + SIGTERM);
}

}  // namespace

std::optional<LocalRank> start_local_ranks(int count, std::size_t shared_bytes, int& exit_code,
                                           Grace grace) {
    if (count < 1) {
        fail<ConfigError>(
            "cannot start {} local ranks (there must be one at least); type "
            "--local-ranks 2",
            count);
    }
    SharedMapping shared(shared_bytes);
    std::fflush(nullptr);  // or each child would print what is still in the buffers
    const pid_t parent = ::getpid();
    Family family(grace);
    const BlockedSignals signals;
    for (int rank = 0; rank < count; ++rank) {
        const pid_t child = ::fork();
        if (child == 0) {
            die_with(parent);
            return LocalRank{local_step(rank, count), std::move(shared)};
        }
        if (child < 0) {
            const int reason = errno;
            family.send(SIGKILL);
            family.wait(signals);
            fail<EnvironmentError>("cannot start local rank {} of {} ({}); see ulimit -u", rank,
                                   count, std::strerror(reason));
        }
        family.add(child);
    }
    exit_code = family.wait(signals);
    return std::nullopt;
}

}  // namespace warpstep::step
