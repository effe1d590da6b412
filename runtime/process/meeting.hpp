// SPDX-License-Identifier: Apache-2.0
// The tasks of one step on one node meet in shared memory: local rank 0 leads, the others follow.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace warpstep::process {

using Clock = std::chrono::steady_clock;

/// The name of the meeting of this task, "" outside a launcher's step. The same for the tasks of
/// one launch on one node, and for no other: it is made from WARPSTEP_MEETING and the address of
/// the launcher's PMIx server, which is new for every launch. `environment` as environ.
std::string meeting_key(char* const* environment);

/// One place per local rank; the leader and a follower take turns: the follower says, the leader
/// answers. Memory nobody writes to costs nothing. One thread calls. Not for use across fork().
class Meeting {
  public:
    static constexpr int most_tasks = 1024;
    static constexpr std::size_t most_bytes = 32 * 1024;  ///< of one message

    /// Joins, creating the memory if this is the first. Local. Errors: Failure when the system
    /// refuses the memory or it belongs to somebody else.
    Meeting(const std::string& key, int local_rank);
    ~Meeting();
    Meeting(const Meeting&) = delete;
    Meeting& operator=(const Meeting&) = delete;

    /// A follower's turn. Errors: LogicError-like Failure for a message that is too large.
    void say(std::string_view bytes);
    /// Blocking: the leader's answer. Errors: Failure when the leader does not come by `arrival`,
    /// or has died. A leader that is there may take as long as it likes, because it has deadlines
    /// of its own.
    std::string hear(Clock::time_point arrival);

    /// The leader's turn. Blocking: what the follower said. Nothing when it did not say it by then
    /// or `cancelled`, or has died (see died()).
    bool listen(int local_rank, std::string& bytes, Clock::time_point deadline,
                const std::function<bool()>& cancelled);
    void tell(int local_rank, std::string_view bytes);
    /// Whether the follower has come.
    bool has_come(int local_rank) const;
    /// Whether a follower was here and is gone.
    bool died(int local_rank) const;
    /// Takes the memory's name away, once all have come; those who are in stay in.
    void close_door();

  private:
    struct Message;
    struct Place;
    struct Room;
    Place& place(int local_rank) const;

    std::string name_;
    int local_rank_;
    Room* room_ = nullptr;
    bool door_closed_ = false;
    std::vector<unsigned> heard_;  ///< leader: messages so far, by local rank
    unsigned answered_ = 0;        ///< follower: answers so far
};

}  // namespace warpstep::process
