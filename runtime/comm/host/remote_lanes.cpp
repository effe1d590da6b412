// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/host/remote_lanes.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/comm/rank_names.hpp"

namespace warpstep::comm::host {
namespace {

using std::chrono::milliseconds;

/// The first bytes of a connection.
struct Hello {
    std::uint64_t key;
    std::int64_t rank;
};

std::uint64_t random_key() {
    std::random_device source;
    return (static_cast<std::uint64_t>(source()) << 32) | source();
}

bool would_block(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

RemoteLanes::RemoteLanes(const step::Step& step, const std::string& my_address)
    : step_(step), listener_(channel::listen_on(my_address)) {
    mine_ = {my_address, channel::port_of(listener_), random_key()};
}

std::size_t RemoteLanes::write(int to, const std::byte* data, std::size_t bytes,
                               Deadline deadline) {
    auto found = out_.find(to);
    if (found == out_.end()) found = out_.emplace(to, connect(to, deadline)).first;
    const auto sent = ::send(found->second.fd(), data, bytes, MSG_NOSIGNAL);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    if (would_block(errno)) return 0;
    fail_for_end(to, errno);
}

std::size_t RemoteLanes::read(int from, std::byte* data, std::size_t bytes) {
    const auto found = in_.find(from);
    if (found == in_.end()) {
        accept_guests();
        return 0;
    }
    const auto got = ::recv(found->second.fd(), data, bytes, 0);
    if (got > 0) return static_cast<std::size_t>(got);
    if (got < 0 && would_block(errno)) return 0;
    fail_for_end(from, got == 0 ? 0 : errno);
}

void RemoteLanes::add_to(std::vector<pollfd>& wanted, int peer, bool sends) const {
    const auto& open = sends ? out_ : in_;
    const auto found = open.find(peer);
    if (found != open.end()) {
        const short events = sends ? POLLOUT : POLLIN;
        wanted.push_back({found->second.fd(), events, 0});
        return;
    }
    if (sends) return;
    wanted.push_back({listener_.fd(), POLLIN, 0});
    for (const auto& guest : guests_) wanted.push_back({guest.socket.fd(), POLLIN, 0});
}

// The receiver need not accept for a connection to stand.
channel::Socket RemoteLanes::connect(int to, Deadline deadline) const {
    const Place& place = places_.at(static_cast<std::size_t>(to));
    const auto span = std::min(deadline.left(), milliseconds(10'000));
    std::string reason;
    auto socket = channel::connect_to(place.address, place.port, span, reason);
    const Hello hello{place.key, step_.rank};
    if (socket.is_open() &&
        ::send(socket.fd(), &hello, sizeof hello, MSG_NOSIGNAL) == sizeof hello) {
        return socket;
    }
    fail<CommError>(
        "cannot send to {} at {}:{} ({}); see whether it still runs, or set "
        "WARPSTEP_CONTROL_ADDRESS to the interface that connects the nodes",
        show_ranks({to}, step_), place.address, place.port,
        reason.empty() ? "it does not answer" : reason);
}

void RemoteLanes::accept_guests() {
    while (auto socket = channel::accept_one(listener_.fd())) {
        guests_.push_back({std::move(*socket), ""});
    }
    const auto known = [&](Guest& guest) { return let_in(guest); };
    guests_.erase(std::remove_if(guests_.begin(), guests_.end(), known), guests_.end());
}

// True when the guest need not be looked at again: it has a rank now, or is a stranger.
bool RemoteLanes::let_in(Guest& guest) {
    char bytes[sizeof(Hello)];
    const auto got = ::recv(guest.socket.fd(), bytes, sizeof bytes - guest.hello.size(), 0);
    if (got < 0 && would_block(errno)) return false;
    if (got <= 0) return true;
    guest.hello.append(bytes, static_cast<std::size_t>(got));
    if (guest.hello.size() < sizeof(Hello)) return false;
    Hello hello{};
    std::memcpy(&hello, guest.hello.data(), sizeof hello);
    const bool peer = hello.key == mine_.key && hello.rank >= 0 && hello.rank < step_.size;
    if (peer) in_.emplace(static_cast<int>(hello.rank), std::move(guest.socket));
    return true;
}

void RemoteLanes::fail_for_end(int peer, int error) const {
    fail<CommError>("the connection with {} has ended ({}); see that rank's own messages",
                    show_ranks({peer}, step_),
                    error == 0 ? "closed at the other end" : channel::system_text(error));
}

}  // namespace warpstep::comm::host
