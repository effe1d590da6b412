// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/channel/socket.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <memory>
#include <system_error>
#include <utility>

#include "runtime/base/error.hpp"

namespace warpstep::comm::channel {
namespace {

struct AddressFree {
    void operator()(addrinfo* found) const { freeaddrinfo(found); }
};
using Address = std::unique_ptr<addrinfo, AddressFree>;

Address parse_address(const std::string& address, int port) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    addrinfo* found = nullptr;
    const int rc = getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (rc != 0) {
        fail<EnvironmentError>(
            "'{}' is no network address ({}); set WARPSTEP_CONTROL_ADDRESS to an IPv4 or IPv6 "
            "address of this node or to the name of an interface",
            address, gai_strerror(rc));
    }
    return Address(found);
}

Socket open_socket(const addrinfo& address) {
    return Socket(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

void set_option(int fd, int level, int name, int value) {
    // An option that the kernel lacks costs speed or the notice of a dead cable, not correctness.
    (void)::setsockopt(fd, level, name, &value, sizeof value);
}

void tune(int fd) {
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    // A node that loses power is noticed after 15 + 3 * 5 seconds.
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 15);
    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 5);
    set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
    if (this != &other) {
        close();
        fd_ = other.release();
    }
    return *this;
}

int Socket::release() {
    return std::exchange(fd_, -1);
}

void Socket::close() noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

std::string system_text(int error) {
    return std::generic_category().message(error);
}

Socket listen_on(const std::string& address) {
    const auto where = parse_address(address, 0);
    Socket socket = open_socket(*where);
    if (socket.is_open()) set_option(socket.fd(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (!socket.is_open() || ::bind(socket.fd(), where->ai_addr, where->ai_addrlen) != 0 ||
        ::listen(socket.fd(), SOMAXCONN) != 0) {
        fail<EnvironmentError>(
            "cannot listen on {} for the control channel ({}); set WARPSTEP_CONTROL_ADDRESS to an "
            "address of this node that the other nodes reach",
            address, system_text(errno));
    }
    return socket;
}

int port_of(const Socket& listener) {
    sockaddr_storage name{};
    socklen_t length = sizeof name;
    if (::getsockname(listener.fd(), reinterpret_cast<sockaddr*>(&name), &length) != 0) return 0;
    return ntohs(name.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(name).sin6_port
                                            : reinterpret_cast<sockaddr_in&>(name).sin_port);
}

std::optional<Socket> accept_one(int listener) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
        fail<EnvironmentError>("cannot take another connection ({}); {}", system_text(errno),
                               errno == EMFILE ? "raise ulimit -n" : "raise fs.file-max");
    }
    if (fd < 0) return std::nullopt;
    tune(fd);
    return Socket(fd);
}

Socket connect_to(const std::string& address, int port, std::chrono::milliseconds span,
                  std::string& error) {
    const auto where = parse_address(address, port);
    Socket socket = open_socket(*where);
    int code = socket.is_open() ? 0 : errno;
    if (code == 0 && ::connect(socket.fd(), where->ai_addr, where->ai_addrlen) != 0) code = errno;
    if (code == EINPROGRESS) {
        code = ETIMEDOUT;
        if (wait_for(socket.fd(), POLLOUT, span)) {
            socklen_t length = sizeof code;
            ::getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &code, &length);
        }
    }
    if (code != 0) {
        error = system_text(code);
        return Socket();
    }
    tune(socket.fd());
    return socket;
}

bool wait_for(int fd, short events, std::chrono::milliseconds span) {
    pollfd one{fd, events, 0};
    const auto limit = std::numeric_limits<int>::max();
    const int timeout = static_cast<int>(std::min<long long>(span.count(), limit));
    return ::poll(&one, 1, timeout) > 0;
}

}  // namespace warpstep::comm::channel
