// SPDX-License-Identifier: Apache-2.0
// Private to comm/host: how the leaders find each other. Names a Gloo type, so it stays out of the
// room's headers.
#pragma once

#include <gloo/context.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/base/deadline.hpp"
#include "runtime/comm/channel/socket.hpp"
#include "runtime/comm/control_channel.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::comm::host {

/// All leaders of a step, connected in pairs. Gloo's own rendezvous is not used: how often that
/// speaks to its store depends on Gloo's version, and every rank has to take part each time.
class Mesh final : public gloo::Context {
  public:
    Mesh(int node, int nodes, std::chrono::milliseconds operation_timeout);

    /// Listens on `address` for every peer. What each peer needs to connect, by node; "" for this
    /// one. Local. From here on the process ignores SIGPIPE. Errors: Gloo's.
    std::vector<std::string> listen(const std::string& address);
    /// Connects to every peer; `peers` are their words for this node, by node. Collective over the
    /// leaders. Blocks for five times the operation's timeout at most. Errors: Gloo's.
    void connect(const std::vector<std::string>& peers);
    /// Ends every wait of this context, in whatever thread, by ending its connections. Does not
    /// block.
    void interrupt() const noexcept;

  private:
    std::set<int> others_;  ///< sockets that were connected before
    /// Descriptors of our own for Gloo's sockets: it does not show its own, and may close them
    /// while another thread interrupts.
    std::vector<channel::Socket> sockets_;
};

/// Collective over all ranks of `exchange`, which speak once; the mesh of all leaders, nullptr on
/// the others. Errors: PeerFailure; CommError when the mesh does not stand by the deadline.
std::shared_ptr<Mesh> connect_mesh(const step::Step& step, Exchange& exchange,
                                   const ControlChannel& channel, const std::string& my_address,
                                   Deadline setup, std::chrono::milliseconds operation_timeout);
/// The part of a rank that has no mesh to connect while others of the exchange have.
void skip_mesh(Exchange& exchange, Deadline setup);

}  // namespace warpstep::comm::host
