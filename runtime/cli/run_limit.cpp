// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/run_limit.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <string_view>

#include "runtime/base/log.hpp"

namespace warpstep::cli {

using Clock = Deadline::Clock;

RunLimit::RunLimit(std::chrono::seconds limit, Clock::time_point start, int rank,
                   comm::ControlChannel& channel)
    : rank_(rank), channel_(channel) {
    if (limit.count() == 0) return;
    text_ = fmt::format(
        "the run has not ended after {} s (--run-timeout); give it more time, or see which step it "
        "is in with --json",
        limit.count());
    // Signals are for the thread that runs the workload.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    watcher_ = std::thread([this, end = start + limit] { watch(end); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

RunLimit::~RunLimit() {
    if (!watcher_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    changed_.notify_all();
    watcher_.join();
}

bool RunLimit::is_cause_of(const comm::PeerFailure& failure) const {
    return !text_.empty() && std::string_view(failure.what()).ends_with(text_);
}

bool RunLimit::ended_before(Clock::time_point time) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, time, [&] { return ended_; });
}

void RunLimit::watch(Clock::time_point end) {
    if (ended_before(end)) return;
    if (rank_ == 0) channel_.fail(3, text_);
    if (ended_before(Clock::now() + grace)) return;
    if (rank_ == 0) log::error("stopped: " + text_);
    ::_exit(3);
}

}  // namespace warpstep::cli
