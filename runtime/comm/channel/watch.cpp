// SPDX-License-Identifier: Apache-2.0
// The side of the star that runs in its watching thread.
#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/comm/channel/star.hpp"
#include "runtime/comm/channel/wire.hpp"
#include "runtime/comm/rank_names.hpp"

namespace warpstep::comm::channel {
namespace {

using std::chrono::milliseconds;

// Signals are for the thread that runs the workload.
template <typename Body>
std::thread start_without_signals(Body body) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread thread(std::move(body));
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread;
}

}  // namespace

Star::Star(const step::Step& step, std::vector<Socket> sockets)
    : step_(step), said_bye_(sockets.size(), false) {
    for (auto& socket : sockets) links_.emplace_back(std::move(socket));
    if (step.size == 1) return;
    wakeup_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (wakeup_ < 0) {
        warpstep::fail<EnvironmentError>("cannot start the control channel ({}); raise `ulimit -n`",
                                         system_text(errno));
    }
    watcher_ = start_without_signals([this] { watch(); });
}

Star::~Star() {
    if (!watcher_.joinable()) return;
    {
        const Lock lock(mutex_);
        stopping_ = true;
    }
    wake();
    watcher_.join();
    if (failure_ || has_output()) flush_for(milliseconds(1000));
    ::close(wakeup_);
}

void Star::wake() const {
    const std::uint64_t one = 1;
    if (wakeup_ >= 0) (void)!::write(wakeup_, &one, sizeof one);
}

void Star::watch() {
    std::vector<pollfd> fds;
    std::vector<std::size_t> places;
    Lock lock(mutex_);
    while (!stopping_) {
        fds.assign(1, {wakeup_, POLLIN, 0});
        places.assign(1, 0);
        for (std::size_t place = 0; place < links_.size(); ++place) {
            if (!links_[place].is_open()) continue;
            const int events = POLLIN | (links_[place].has_output() ? POLLOUT : 0);
            fds.push_back({links_[place].fd(), static_cast<short>(events), 0});
            places.push_back(place);
        }
        lock.unlock();
        ::poll(fds.data(), fds.size(), -1);
        lock.lock();
        std::uint64_t wakes = 0;
        if (fds[0].revents != 0) (void)!::read(wakeup_, &wakes, sizeof wakes);
        for (std::size_t i = 1; i < fds.size(); ++i) {
            if ((fds[i].revents & ~POLLOUT) != 0) serve(places[i]);
        }
        // Also what was queued just now: most frames then leave without another round of poll().
        for (Link& link : links_) link.flush();
        changed_.notify_all();
    }
}

void Star::serve(std::size_t place) {
    std::vector<Frame> frames;
    std::string reason;
    bool alive = false;
    try {
        alive = links_[place].receive(frames, reason);
        for (Frame& frame : frames) dispatch(place, std::move(frame));
    } catch (const std::exception& error) {
        reason = error.what();
    }
    if (!alive) lose(place, reason);
}

void Star::dispatch(std::size_t place, Frame frame) {
    switch (frame.type) {
        case FrameType::gather: {
            Round& filled = round(frame.sequence);
            if (filled.arrived[place]) return;
            filled.arrived[place] = true;
            filled.parts[place] = std::move(frame.payload);
            ++filled.count;
            return;
        }
        case FrameType::answer:
            answers_[frame.sequence] = std::move(frame.payload);
            return;
        case FrameType::failed: {
            Failure failure = unpack_failure(frame.payload);
            failure.rank = static_cast<int>(place);
            failure.text =
                fmt::format("{} failed: {}", show_ranks({failure.rank}, step_), failure.text);
            record(failure);
            return;
        }
        case FrameType::stop:
            record(unpack_failure(frame.payload));
            return;
        case FrameType::bye:
            said_bye_[place] = true;
            return;
    }
}

void Star::lose(std::size_t place, const std::string& reason) {
    links_[place].close();
    if (said_bye_[place]) return;
    const int rank = static_cast<int>(place);
    record({rank, 3,
            fmt::format("{} died ({}); see its own messages and srun's line",
                        show_ranks({rank}, step_), reason)});
}

// The first one counts; rank 0 passes it on to everybody.
void Star::record(const Failure& failure) {
    if (failure_) return;
    failure_ = failure;
    failed_.store(true, std::memory_order_release);
    if (is_root()) {
        Failure told = failure;
        if (told.rank == 0) {
            told.text = fmt::format("{} failed: {}", show_ranks({0}, step_), told.text);
        }
        send_all(FrameType::stop, 0, std::make_shared<const std::string>(pack_failure(told)));
    }
    for (const auto& [number, act] : alarms_) act();
    changed_.notify_all();
}

void Star::send_all(FrameType type, std::uint32_t round, const Payload& payload) {
    for (Link& link : links_) link.enqueue(type, round, payload);
}

void Star::flush_for(milliseconds span) {
    const auto deadline = Deadline::in(span);
    for (Link& link : links_) {
        link.flush();
        while (link.has_output() && wait_for(link.fd(), POLLOUT, deadline.left())) link.flush();
        if (link.is_open()) ::shutdown(link.fd(), SHUT_WR);
    }
}

}  // namespace warpstep::comm::channel
