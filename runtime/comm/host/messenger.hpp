// SPDX-License-Identifier: Apache-2.0
// Messages between any two ranks: what send, receive, their groups and the operations that only
// move data are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/base/deadline.hpp"
#include "runtime/comm/control_channel.hpp"
#include "runtime/comm/host/local_lanes.hpp"
#include "runtime/comm/host/remote_lanes.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::comm::host {

/// One message of one side. It begins with its own length, so that two sides that disagree are
/// told so instead of reading each other's bytes.
struct Transfer {
    enum class Way { send, receive };
    Way way;
    int peer;
    std::byte* data;  ///< only read when it is sent
    std::size_t bytes;
    std::uint64_t length = 0;  ///< the header, as it goes or comes
    std::size_t done = 0;      ///< of header and data together
};

class Messenger {
  public:
    /// `remote` is there when the step has several nodes.
    Messenger(const step::Step& step, const ControlChannel& channel, NodeArea& area,
              std::optional<RemoteLanes> remote);

    /// Blocks until all transfers are done; they advance together, in order only between the same
    /// two ranks in the same direction. Sends to oneself meet receives from oneself. Errors:
    /// PeerFailure; CommError for a length that differs or a peer that does not come in time.
    void run(const std::vector<Transfer>& transfers, Deadline deadline);

  private:
    struct Queue;
    void copy_own(std::vector<Queue>& queues) const;
    bool advance(Queue& queue, Deadline deadline);
    std::size_t move_at_once(Transfer& transfer, Deadline deadline);
    std::size_t move(Transfer& transfer, std::byte* data, std::size_t bytes, Deadline deadline);
    void check_length(const Transfer& transfer) const;
    void advance_all(std::vector<Queue>& queues, Deadline deadline);
    void pause(const std::vector<Queue>& queues, std::uint32_t seen);
    bool is_local(int peer) const { return local_of_[static_cast<std::size_t>(peer)] >= 0; }
    [[noreturn]] void fail_for_missing(const Queue& queue) const;

    step::Step step_;
    const ControlChannel& channel_;
    LocalLanes local_;
    std::optional<RemoteLanes> remote_;
    std::vector<int> local_of_;  ///< local rank by rank, -1 on other nodes
    bool has_core_;              ///< every rank of the node can spin on a core of its own
};

}  // namespace warpstep::comm::host
