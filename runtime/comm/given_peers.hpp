// SPDX-License-Identifier: Apache-2.0
// A child process that was told who its peers are and how to reach them, in the variable
// WARPSTEP_PEERS, instead of asking a launcher. Ranks of a step start such children to try
// something apart from themselves: what hangs or dies there takes no rank with it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/deadline.hpp"
#include "runtime/comm/control_channel.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::comm {

/// What the child works with, as its parent has decided.
struct Seat {
    std::string gpu;   ///< "0000:1b:00.0", an instance "0000:1b:00.0/MIG-…"; "": none
    std::string cpus;  ///< OS indices, "0-13"; "": as for a task that is alone on its node
};

struct GivenPeers {
    step::Step step;  ///< of the children, with launcher `given`
    std::string address;
    int port = 0;       ///< rank 0 listens there; 0 for a child alone
    std::string key;    ///< what connections must know
    int listener = -1;  ///< rank 0: the descriptor of its listening socket, inherited
    std::optional<Seat> seat;
};

/// The variable's value, JSON on one line.
std::string encode(const GivenPeers& peers);
/// Errors: ConfigError for a text that encode() has not made.
GivenPeers decode_given_peers(std::string_view text);

/// Of this process; nothing when the variable is not set. The launcher's own variables, which a
/// child inherits, say nothing about it then. Errors: as decode_given_peers().
std::optional<GivenPeers> given_peers();

inline constexpr char given_peers_variable[] = "WARPSTEP_PEERS";

/// Collective over the children, blocking. Takes the listener over. Errors: CommError naming the
/// missing ranks, EnvironmentError.
std::unique_ptr<ControlChannel> meet(const GivenPeers& peers, Deadline deadline);

}  // namespace warpstep::comm
