// SPDX-License-Identifier: Apache-2.0
// Owners and small verbs for TCP sockets. All sockets are non-blocking, close-on-exec, without
// Nagle, with keepalive.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace warpstep::comm::channel {

class Socket {
  public:
    Socket() = default;
    explicit Socket(int fd) : fd_(fd) {}
    Socket(Socket&& other) noexcept : fd_(other.release()) {}
    Socket& operator=(Socket&& other) noexcept;
    ~Socket() { close(); }

    int fd() const { return fd_; }
    bool is_open() const { return fd_ >= 0; }
    int release();
    void close() noexcept;

  private:
    int fd_ = -1;
};

/// "Connection refused": the text of errno.
std::string system_text(int error);

/// Listens on a free port of a numeric address. Errors: EnvironmentError.
Socket listen_on(const std::string& address);
int port_of(const Socket& listener);
/// The next connection that waits, if any. Errors: EnvironmentError when this process or the
/// machine cannot open another file.
std::optional<Socket> accept_one(int listener);
/// One attempt. On failure the socket is closed and `error` says why.
Socket connect_to(const std::string& address, int port, std::chrono::milliseconds span,
                  std::string& error);

/// Waits until `fd` has one of `events` or the span is over; true when it has.
bool wait_for(int fd, short events, std::chrono::milliseconds span);

}  // namespace warpstep::comm::channel
