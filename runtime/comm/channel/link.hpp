// SPDX-License-Identifier: Apache-2.0
// One connection of the star: frames out of a queue and into a list, never blocking.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "runtime/comm/channel/socket.hpp"

namespace warpstep::comm::channel {

enum class FrameType : std::uint32_t {
    gather = 1,  ///< a rank's part of round `sequence`, to rank 0
    answer,      ///< rank 0's word in round `sequence`, to all
    failed,      ///< this rank failed: code and text, to rank 0
    stop,        ///< the first failure of the step: rank, code and text, to all
    bye          ///< the connection may close now
};

struct FrameHeader {
    FrameType type;
    std::uint32_t sequence;
    std::uint64_t length;
};
static_assert(sizeof(FrameHeader) == 16);

struct Frame {
    FrameType type;
    std::uint32_t sequence;
    std::string payload;
};

/// Payloads are shared, so that one blob for all peers is kept once.
using Payload = std::shared_ptr<const std::string>;

class Link {
  public:
    Link() = default;
    explicit Link(Socket socket) : socket_(std::move(socket)) {}

    int fd() const { return socket_.fd(); }
    bool is_open() const { return socket_.is_open(); }
    bool has_output() const { return is_open() && !queue_.empty(); }
    void close() { socket_.close(); }

    void enqueue(FrameType type, std::uint32_t sequence, Payload payload);
    /// Writes what the socket takes now. A broken connection shows at the next receive().
    void flush();
    /// Appends the frames that are there. False: the peer has closed, the connection is reset, or
    /// it does not speak our protocol; `reason` says which.
    bool receive(std::vector<Frame>& frames, std::string& reason);

  private:
    struct Outgoing {
        FrameHeader header;
        Payload payload;
        std::size_t written = 0;  ///< of header and payload together
    };
    bool accept_header(std::string& reason);

    Socket socket_;
    std::deque<Outgoing> queue_;
    FrameHeader header_{};      ///< of the frame that comes in
    std::size_t received_ = 0;  ///< of header and payload together
    std::string payload_;
};

}  // namespace warpstep::comm::channel
