// SPDX-License-Identifier: Apache-2.0
// Collectives between the nodes' leaders (local rank 0 of each), through Gloo over TCP.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/deadline.hpp"
#include "runtime/base/dtype.hpp"
#include "runtime/comm/communicator.hpp"
#include "runtime/comm/control_channel.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::comm::host {

/// Every operation is collective over the leaders, blocking, and works on memory of the node's
/// area. Errors: PeerFailure when the channel knows who died; else CommError with Gloo's text.
class Leaders {
  public:
    /// Collective over ALL ranks of `exchange`: the others take part in the exchange of addresses
    /// and get nullptr. `my_address` is where this node listens; `area` must stay mapped as long as
    /// this object lives. A single wait of an operation lasts `operation_timeout` at most.
    static std::unique_ptr<Leaders> connect(const step::Step& step, Exchange& exchange,
                                            const ControlChannel& channel, std::byte* area,
                                            std::size_t area_bytes, const std::string& my_address,
                                            Deadline setup,
                                            std::chrono::milliseconds operation_timeout);
    ~Leaders();

    /// In place; avg adds only. Bitwise equal on all leaders. What Gloo prepares for a (data,
    /// count, dtype, op) is kept.
    void all_reduce(void* data, std::size_t count, DType dtype, ReduceOp op);
    void broadcast(void* data, std::size_t bytes, int root_node);
    /// In place: bytes[n] of node n, one after the other.
    void all_gather(void* data, const std::vector<std::size_t>& bytes);
    void barrier();

  private:
    struct State;
    explicit Leaders(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace warpstep::comm::host
