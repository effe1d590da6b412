// SPDX-License-Identifier: Apache-2.0
#include "runtime/data/background.hpp"

#include <utility>

namespace warpstep::data {
namespace {

template <typename Job>
std::exception_ptr error_of(Job&& job) {
    try {
        job();
    } catch (...) {
        return std::current_exception();
    }
    return nullptr;
}

}  // namespace

Background::~Background() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    work_.notify_all();
    for (auto& thread : threads_) thread.join();
}

void Background::start(std::int64_t pieces, std::function<void(std::int64_t)> piece,
                       std::function<void()> finish) {
    {
        const std::lock_guard lock(mutex_);
        piece_ = std::move(piece);
        finish_ = std::move(finish);
        pieces_ = open_ = pieces;
        next_ = 0;
        busy_ = true;
    }
    work_.notify_all();
    while (static_cast<int>(threads_.size()) < wanted_) threads_.emplace_back([this] { run(); });
}

void Background::wait() {
    std::unique_lock lock(mutex_);
    while (do_one(lock)) {
    }
    done_.wait(lock, [this] { return !busy_; });
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

void Background::run() {
    const std::exception_ptr error = error_of(enter_);
    std::unique_lock lock(mutex_);
    if (error && !error_) error_ = error;
    while (true) {
        work_.wait(lock, [this] { return next_ < pieces_ || ending_; });
        if (!do_one(lock)) return;
    }
}

// False when there is no piece left to take.
bool Background::do_one(std::unique_lock<std::mutex>& lock) {
    if (next_ >= pieces_) return false;
    const std::int64_t mine = next_++;
    lock.unlock();
    const std::exception_ptr error = error_of([&] { piece_(mine); });
    lock.lock();
    if (error && !error_) error_ = error;
    if (--open_ > 0) return true;
    if (!error_) {
        lock.unlock();
        const std::exception_ptr last = error_of(finish_);
        lock.lock();
        // A thread may have failed to enter meanwhile.
        if (last && !error_) error_ = last;
    }
    busy_ = false;
    done_.notify_all();
    return true;
}

}  // namespace warpstep::data
