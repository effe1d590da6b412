// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/channel/star.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "runtime/comm/channel/wire.hpp"
#include "runtime/comm/rank_names.hpp"

namespace warpstep::comm::channel {
namespace {

using std::chrono::milliseconds;

// Rank 0 alone knows who is missing, so the others leave it this long to say so after the common
// deadline.
constexpr milliseconds grace{1000};
constexpr std::size_t longest_text = 4096;

}  // namespace

Star::Round& Star::round(std::uint32_t number) {
    Round& round = rounds_[number];
    if (round.parts.empty()) {
        round.parts.resize(links_.size());
        round.arrived.assign(links_.size(), false);
        round.arrived[0] = true;
    }
    return round;
}

std::vector<std::string> Star::collect(std::uint32_t number, Deadline deadline) {
    Lock lock(mutex_);
    Round& wanted = round(number);
    const auto complete = [&] { return wanted.count + 1 == links_.size(); };
    changed_.wait_until(lock, deadline.at(), [&] { return failure_ || complete(); });
    throw_failure();
    if (!complete()) give_up(lock, wanted.arrived, "did not arrive in time");
    auto parts = std::move(wanted.parts);
    rounds_.erase(number);
    return parts;
}

void Star::answer(std::uint32_t number, std::string blob) {
    const Lock lock(mutex_);
    throw_failure();
    send_all(FrameType::answer, number, std::make_shared<const std::string>(std::move(blob)));
    wake();
}

void Star::send_part(std::uint32_t number, std::string_view mine) {
    const Lock lock(mutex_);
    throw_failure();
    links_[0].enqueue(FrameType::gather, number, std::make_shared<const std::string>(mine));
    wake();
}

std::string Star::receive_answer(std::uint32_t number, Deadline deadline) {
    Lock lock(mutex_);
    const auto here = [&] { return answers_.count(number) > 0; };
    changed_.wait_until(lock, deadline.at() + grace, [&] { return failure_ || here(); });
    throw_failure();
    if (!here()) {
        warpstep::fail<CommError>(
            "{} did not answer in time (the deadline of the exchange has passed); see its own "
            "messages",
            show_ranks({0}, step_));
    }
    auto blob = std::move(answers_[number]);
    answers_.erase(number);
    return blob;
}

// The deadline has passed on rank 0: name who is missing, here and to all others, so that nobody
// waits on.
void Star::give_up(Lock& lock, const std::vector<bool>& here, const std::string& what) {
    std::vector<int> missing;
    for (std::size_t rank = 1; rank < here.size(); ++rank) {
        if (!here[rank]) missing.push_back(static_cast<int>(rank));
    }
    const auto text = fmt::format(
        "{} {} (the deadline of the exchange has passed); see {} messages",
        show_ranks(missing, step_), what, missing.size() == 1 ? "its own" : "their own");
    record({missing.empty() ? 0 : missing.front(), 3, text});
    lock.unlock();
    wake();
    throw CommError(text);
}

void Star::throw_failure() const {
    if (failure_) throw PeerFailure(*failure_);
}

void Star::fail(int code, std::string_view text) {
    const Lock lock(mutex_);
    Failure mine{step_.rank, code, std::string(text.substr(0, longest_text))};
    if (is_root()) {
        record(mine);
    } else {
        links_[0].enqueue(FrameType::failed, 0,
                          std::make_shared<const std::string>(pack_failure(mine)));
    }
    wake();
}

std::optional<Failure> Star::failure() const {
    if (!failed_.load(std::memory_order_acquire)) return std::nullopt;
    const Lock lock(mutex_);
    return failure_;
}

void Star::check() const {
    if (const auto found = failure()) throw PeerFailure(*found);
}

int Star::add_alarm(std::function<void()> act) {
    const Lock lock(mutex_);
    if (failure_) act();
    alarms_.emplace(++next_alarm_, std::move(act));
    return next_alarm_;
}

void Star::remove_alarm(int number) {
    const Lock lock(mutex_);
    alarms_.erase(number);
}

bool Star::all_said_bye() const {
    for (std::size_t place = is_root() ? 1 : 0; place < said_bye_.size(); ++place) {
        if (!said_bye_[place]) return false;
    }
    return true;
}

bool Star::has_output() const {
    for (const Link& link : links_) {
        if (link.has_output()) return true;
    }
    return false;
}

void Star::close(Deadline deadline) {
    Lock lock(mutex_);
    throw_failure();
    if (!is_root()) {
        links_[0].enqueue(FrameType::bye, 0, nullptr);
        wake();
    }
    const auto until = is_root() ? deadline.at() : deadline.at() + grace;
    changed_.wait_until(lock, until, [&] { return failure_ || all_said_bye(); });
    throw_failure();
    if (!all_said_bye() && is_root()) give_up(lock, said_bye_, "did not end the step in time");
    if (!all_said_bye()) {
        warpstep::fail<CommError>("{} did not end the step in time; see its own messages",
                                  show_ranks({0}, step_));
    }
    if (is_root()) {
        send_all(FrameType::bye, 0, nullptr);
        wake();
        changed_.wait_until(lock, deadline.at(), [&] { return !has_output(); });
    }
}

}  // namespace warpstep::comm::channel
