// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/comm/control_channel.hpp"
#include "runtime/probes/seats.hpp"

namespace warpstep::check::probes {

struct Seating {
    std::vector<Seat> seats;  ///< of all ranks, in their order
    /// On rank 0: ranks that have none, and why.
    std::vector<std::pair<Seat, std::string>> without;
};

/// Collective over the channel. `node`: this task's view of its node; nothing: it is discovered.
/// `gpus`: false leaves them alone. Errors: CommError, PeerFailure; a node that cannot be read or
/// placed is its rank's affair.
Seating find_seats(comm::ControlChannel& channel, const step::Step& step,
                   const std::optional<topology::Node>& node, bool gpus, Deadline deadline);

}  // namespace warpstep::check::probes
