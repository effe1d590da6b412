// SPDX-License-Identifier: Apache-2.0
// How the star comes together. A peer says who it is and which step it belongs to; rank 0 welcomes
// it. Strangers (port scanners, a task of another step) are dropped and never stop the step.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/deadline.hpp"
#include "runtime/comm/channel/socket.hpp"

namespace warpstep::comm::channel {

/// Rank 0: sockets by rank; the place of a rank that did not come by the deadline, and place 0,
/// stay closed.
std::vector<Socket> accept_peers(Socket listener, int size, std::string_view step_key,
                                 Deadline deadline);

/// Every other rank. A closed socket and the reason of the last attempt when rank 0 did not answer
/// by the deadline.
Socket connect_to_root(const std::string& address, int port, int rank, std::string_view step_key,
                       Deadline deadline, std::string& reason);

}  // namespace warpstep::comm::channel
