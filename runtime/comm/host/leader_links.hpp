// SPDX-License-Identifier: Apache-2.0
// Private to comm/host: messages between leaders over Gloo's bound buffers. (Gloo's newer
// collectives work on unbound ones, which move a few MB per second for messages beyond the socket's
// buffer: measured.)
#pragma once

#include <gloo/context.h>
#include <gloo/transport/buffer.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace warpstep::comm::host {

/// Every message goes from one leader's memory area to a place in the receiver's area that the
/// receiver has offered before.
class LeaderLinks {
  public:
    LeaderLinks(std::shared_ptr<gloo::Context> context, std::byte* area, std::size_t bytes);

    int here() const { return context_->rank; }
    int size() const { return context_->size; }

    /// Lets `peer` write its next message at `place` of this area.
    void offer(int peer, const void* place);
    /// Waits for the peer's offer and sends. The memory is in use until finish_send().
    void send(int peer, const void* from, std::size_t bytes);
    void finish_send(int peer) { links_[at(peer)].data_out->waitSend(); }
    void finish_receive(int peer) { links_[at(peer)].data_in->waitRecv(); }
    void barrier();

  private:
    using Buffer = std::unique_ptr<gloo::transport::Buffer>;
    struct Link {
        std::uint64_t offered_by_us = 0, offered_by_peer = 0;  ///< offsets in the receiver's area
        Buffer offer_out, offer_in, data_out, data_in;
    };
    static std::size_t at(int peer) { return static_cast<std::size_t>(peer); }

    std::shared_ptr<gloo::Context> context_;
    std::byte* area_;
    std::vector<Link> links_;
};

}  // namespace warpstep::comm::host
