// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "runtime/comm/channel/socket.hpp"
#include "runtime/comm/control_channel.hpp"
#include "runtime/process/open_files.hpp"

namespace warpstep::comm {

void allow_connections(int connections) {
    const auto shortage = process::allow_open_files(static_cast<std::size_t>(connections));
    if (!shortage) return;
    fail<EnvironmentError>(
        "{} open files are needed here (the hard limit is {}); raise it: LimitNOFILE= of slurmd's "
        "service, or ulimit -Hn",
        shortage->needed, shortage->hard);
}

Listener::Listener(const std::string& address) {
    channel::Socket socket = channel::listen_on(address);
    port_ = channel::port_of(socket);
    fd_ = socket.release();
}

Listener Listener::inherited(int fd) {
    int listening = 0;
    socklen_t size = sizeof listening;
    if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0) {
        fail<EnvironmentError>(
            "descriptor {} is no listening socket (WARPSTEP_PEERS was set by hand?); unset "
            "WARPSTEP_PEERS",
            fd);
    }
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    channel::Socket socket(fd);
    Listener listener;
    listener.port_ = channel::port_of(socket);
    listener.fd_ = socket.release();
    return listener;
}

Listener::Listener(Listener&& other) noexcept : fd_(other.release()), port_(other.port_) {}

Listener& Listener::operator=(Listener&& other) noexcept {
    if (this != &other) {
        if (fd_ >= 0) ::close(fd_);
        fd_ = other.release();
        port_ = other.port_;
    }
    return *this;
}

Listener::~Listener() {
    if (fd_ >= 0) ::close(fd_);
}

int Listener::release() {
    return std::exchange(fd_, -1);
}

}  // namespace warpstep::comm
