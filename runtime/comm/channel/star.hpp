// SPDX-License-Identifier: Apache-2.0
// The connected star: the links of this rank and the thread that watches them. Reads and writes
// everything; the rank's own threads only leave frames in queues and wait for rounds to fill, so
// large blobs cannot block both ends of a link.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/deadline.hpp"
#include "runtime/comm/channel/link.hpp"
#include "runtime/comm/channel/socket.hpp"
#include "runtime/comm/control_channel.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::comm::channel {

class Star {
  public:
    /// `sockets` by rank on rank 0 (place 0 is empty); on the others rank 0's at place 0.
    Star(const step::Step& step, std::vector<Socket> sockets);
    /// After a failure the word about it is still sent, for at most a second.
    ~Star();

    bool is_root() const { return step_.rank == 0; }
    const step::Step& step() const { return step_; }
    std::uint32_t next_round() { return ++round_; }

    /// Rank 0: the parts of all other ranks, place 0 empty.
    std::vector<std::string> collect(std::uint32_t round, Deadline deadline);
    /// Rank 0: to all.
    void answer(std::uint32_t round, std::string blob);
    /// The others: to and from rank 0.
    void send_part(std::uint32_t round, std::string_view mine);
    std::string receive_answer(std::uint32_t round, Deadline deadline);

    void fail(int code, std::string_view text);
    std::optional<Failure> failure() const;
    void check() const;
    /// See ControlChannel::on_failure(). Alarms run under the star's mutex, so that a removed one
    /// is not running any more.
    int add_alarm(std::function<void()> act);
    void remove_alarm(int number);
    void close(Deadline deadline);

  private:
    struct Round {
        std::vector<std::string> parts;
        std::vector<bool> arrived;
        std::size_t count = 0;
    };
    using Lock = std::unique_lock<std::mutex>;

    void watch();
    void serve(std::size_t place);
    void dispatch(std::size_t place, Frame frame);
    void lose(std::size_t place, const std::string& reason);
    void record(const Failure& failure);
    void send_all(FrameType type, std::uint32_t round, const Payload& payload);
    void wake() const;

    Round& round(std::uint32_t number);
    void throw_failure() const;
    [[noreturn]] void give_up(Lock& lock, const std::vector<bool>& here, const std::string& what);
    bool all_said_bye() const;
    bool has_output() const;
    void flush_for(std::chrono::milliseconds span);

    const step::Step step_;
    std::uint32_t round_ = 0;
    int wakeup_ = -1;  ///< eventfd; -1 without peers
    std::atomic<bool> failed_{false};

    mutable std::mutex mutex_;  ///< guards all that follows
    std::condition_variable changed_;
    std::vector<Link> links_;
    std::vector<bool> said_bye_;
    std::map<std::uint32_t, Round> rounds_;
    std::map<std::uint32_t, std::string> answers_;
    std::optional<Failure> failure_;
    std::map<int, std::function<void()>> alarms_;
    int next_alarm_ = 0;
    bool stopping_ = false;

    std::thread watcher_;
};

}  // namespace warpstep::comm::channel
