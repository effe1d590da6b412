// SPDX-License-Identifier: Apache-2.0
// Bytes between two ranks of different nodes: one TCP connection for each ordered pair that has
// something to say, opened by the sender at its first message. Peers that never talk cost nothing.
#pragma once

#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/deadline.hpp"
#include "runtime/comm/channel/socket.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::comm::host {

class RemoteLanes {
  public:
    /// Where a rank listens, and the word that lets a peer in.
    struct Place {
        std::string address;
        int port = 0;
        std::uint64_t key = 0;
    };

    /// Listens on `my_address`. Errors: EnvironmentError.
    RemoteLanes(const step::Step& step, const std::string& my_address);
    const Place& place() const { return mine_; }
    /// All ranks' places, once they are known.
    void learn(std::vector<Place> places) { places_ = std::move(places); }
    /// The same for the ranks of another step, which this rank belongs to.
    void join(const step::Step& step, std::vector<Place> places) {
        step_ = step;
        places_ = std::move(places);
    }

    /// As much as the connection takes, often 0. Errors: CommError for a connection that cannot be
    /// made by the deadline or that has ended.
    std::size_t write(int to, const std::byte* data, std::size_t bytes, Deadline deadline);
    /// As much as has arrived, often 0. Errors: CommError for a connection that has ended.
    std::size_t read(int from, std::byte* data, std::size_t bytes);

    /// What to poll for while a transfer with `peer` does not get on.
    void add_to(std::vector<pollfd>& wanted, int peer, bool sends) const;

  private:
    struct Guest {
        channel::Socket socket;
        std::string hello;
    };
    channel::Socket connect(int to, Deadline deadline) const;
    void accept_guests();
    bool let_in(Guest& guest);
    [[noreturn]] void fail_for_end(int peer, int error) const;

    step::Step step_;
    channel::Socket listener_;
    Place mine_;
    std::vector<Place> places_;
    std::map<int, channel::Socket> out_, in_;
    std::vector<Guest> guests_;  ///< connections that have not said yet whose they are
};

}  // namespace warpstep::comm::host
