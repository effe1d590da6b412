// SPDX-License-Identifier: Apache-2.0
// The first tasks of all nodes meet, so that N tasks of a node cost one connection, not N.
#pragma once

#include <memory>

#include "runtime/comm/control_channel.hpp"
#include "runtime/step/pmix_session.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::cli {

struct Leaders {
    /// The leaders as a step of their own: one rank per node, the node of rank 0 first.
    step::Step step;
    std::unique_ptr<comm::ControlChannel> channel;
    std::string root_address;  ///< by which the other nodes reach rank 0
    std::string own_address;   ///< by which they reach this node
};

/// Collective over the leaders (local rank 0 of each node), blocking. Rank 0 publishes its address
/// through PMIx, the other leaders ask for it; no fence, because a fence waits for every rank.
/// `session` is needed when there are several nodes. Errors: CommError naming who did not come.
Leaders connect_leaders(step::PmixSession* session, const step::Step& step, Deadline deadline);

/// Pure: who leads, for connect_leaders. Its messages name the ranks of the whole step.
step::Step leaders_of(const step::Step& step);

}  // namespace warpstep::cli
