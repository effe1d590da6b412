// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/channel/handshake.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <list>
#include <optional>
#include <thread>

#include "runtime/base/text.hpp"

namespace warpstep::comm::channel {
namespace {

using std::chrono::milliseconds;

// Fixed layout; the key is hashed so that all hellos have one size. The magic also tells byte
// orders apart.
struct Hello {
    std::uint64_t magic = 0x3170657473707277ULL;
    std::array<char, 16> key{};
    std::int32_t rank = 0;
    std::int32_t unused = 0;
};
static_assert(sizeof(Hello) == 32);
constexpr std::uint64_t welcome = 0x656d6f636c657277ULL;

Hello hello_of(int rank, std::string_view step_key) {
    Hello hello;
    const std::string hash = hash_hex(step_key);
    std::copy_n(hash.begin(), std::min(hash.size(), hello.key.size()), hello.key.begin());
    hello.rank = rank;
    return hello;
}

/// A connection that has not said its hello yet.
struct Stranger {
    Socket socket;
    std::array<char, sizeof(Hello)> bytes{};
    std::size_t received = 0;

    enum class State { waiting, complete, gone };
    State read() {
        const ssize_t got =
            ::recv(socket.fd(), bytes.data() + received, bytes.size() - received, 0);
        if (got < 0) return errno == EAGAIN || errno == EINTR ? State::waiting : State::gone;
        if (got == 0) return State::gone;
        received += static_cast<std::size_t>(got);
        return received == bytes.size() ? State::complete : State::waiting;
    }
    Hello hello() const {
        Hello said;
        std::memcpy(&said, bytes.data(), sizeof said);
        return said;
    }
};

class Door {
  public:
    Door(Socket listener, int size, std::string_view step_key)
        : listener_(std::move(listener)),
          expected_(hello_of(0, step_key)),
          peers_(static_cast<std::size_t>(size)),
          missing_(size - 1) {}

    bool complete() const { return missing_ == 0; }
    std::vector<Socket> take() { return std::move(peers_); }

    void wait(Deadline deadline) {
        std::vector<pollfd> fds{{listener_.fd(), POLLIN, 0}};
        for (const auto& stranger : strangers_) fds.push_back({stranger.socket.fd(), POLLIN, 0});
        const auto span = std::min(deadline.left(), milliseconds(1000));
        ::poll(fds.data(), fds.size(), static_cast<int>(span.count()));
    }

    void serve() {
        while (auto socket = accept_one(listener_.fd())) {
            strangers_.push_back({std::move(*socket), {}, 0});
            // A flood of silent connections must not use up the descriptors.
            if (strangers_.size() > peers_.size() + 64) strangers_.pop_front();
        }
        for (auto stranger = strangers_.begin(); stranger != strangers_.end();) {
            const auto state = stranger->read();
            if (state == Stranger::State::complete) let_in(*stranger);
            const bool done = state != Stranger::State::waiting;
            stranger = done ? strangers_.erase(stranger) : std::next(stranger);
        }
    }

  private:
    void let_in(Stranger& stranger) {
        const Hello said = stranger.hello();
        const bool ours = said.magic == expected_.magic && said.key == expected_.key &&
                          said.rank > 0 && static_cast<std::size_t>(said.rank) < peers_.size();
        if (!ours) return;
        // 8 bytes into an empty socket buffer: never short.
        if (::send(stranger.socket.fd(), &welcome, sizeof welcome, MSG_NOSIGNAL) !=
            sizeof welcome) {
            return;
        }
        Socket& place = peers_[static_cast<std::size_t>(said.rank)];
        if (!place.is_open()) --missing_;
        place = std::move(stranger.socket);  // a rank that comes twice has given up its first try
    }

    Socket listener_;
    Hello expected_;
    std::vector<Socket> peers_;
    std::list<Stranger> strangers_;
    int missing_;
};

bool receive_welcome(int fd, Deadline deadline, std::string& reason) {
    std::uint64_t answer = 0;
    std::size_t received = 0;
    reason = "it accepted the connection and did not answer";
    while (received < sizeof answer && wait_for(fd, POLLIN, deadline.left())) {
        const ssize_t got =
            ::recv(fd, reinterpret_cast<char*>(&answer) + received, sizeof answer - received, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (got <= 0) {
            reason = got == 0 ? "it closed the connection" : system_text(errno);
            return false;
        }
        received += static_cast<std::size_t>(got);
    }
    return received == sizeof answer && answer == welcome;
}

}  // namespace

std::vector<Socket> accept_peers(Socket listener, int size, std::string_view step_key,
                                 Deadline deadline) {
    Door door(std::move(listener), size, step_key);
    door.serve();
    while (!door.complete() && !deadline.passed()) {
        door.wait(deadline);
        door.serve();
    }
    return door.take();
}

Socket connect_to_root(const std::string& address, int port, int rank, std::string_view step_key,
                       Deadline deadline, std::string& reason) {
    const Hello hello = hello_of(rank, step_key);
    auto pause = milliseconds(10);
    do {
        const auto attempt = std::min(deadline.left(), milliseconds(5000));
        Socket socket = connect_to(address, port, attempt, reason);
        if (socket.is_open() &&
            ::send(socket.fd(), &hello, sizeof hello, MSG_NOSIGNAL) == sizeof hello &&
            receive_welcome(socket.fd(), deadline, reason)) {
            return socket;
        }
        std::this_thread::sleep_for(std::min(pause, deadline.left()));
        pause = std::min(pause * 2, milliseconds(200));
    } while (!deadline.passed());
    return Socket();
}

}  // namespace warpstep::comm::channel
