// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/rendezvous.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"

namespace warpstep::cli {
namespace {

constexpr int first_port = 61000, last_port = 65535;

/// A socket bound to the port on every address of both families, -1 when it is taken.
int bind_port(int port) {
    const int fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int family = fd >= 0 ? AF_INET6 : AF_INET;
    const int socket = fd >= 0 ? fd : ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return -1;
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(static_cast<std::uint16_t>(port));
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(static_cast<std::uint16_t>(port));
    const auto* address = family == AF_INET6 ? reinterpret_cast<const sockaddr*>(&six)
                                             : reinterpret_cast<const sockaddr*>(&four);
    const socklen_t size = family == AF_INET6 ? sizeof six : sizeof four;
    if (::bind(socket, address, size) == 0) return socket;
    ::close(socket);
    return -1;
}

/// Somebody who listens would not notice that we are bound beside him.
bool is_listened_on(int port) {
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_port = htons(static_cast<std::uint16_t>(port));
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool answered =
        ::connect(probe, reinterpret_cast<const sockaddr*>(&here), sizeof here) == 0;
    ::close(probe);
    return answered;
}

std::string show_address(const sockaddr* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* raw = nullptr;
    if (address->sa_family == AF_INET)
        raw = &reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
    if (address->sa_family == AF_INET6)
        raw = &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    if (raw == nullptr) return "";
    return ::inet_ntop(address->sa_family, raw, text.data(), text.size()) ? text.data() : "";
}

}  // namespace

std::vector<int> reservable_ports(const std::string& range) {
    int low = 0, high = -1;
    std::sscanf(range.c_str(), "%d %d", &low, &high);
    std::vector<int> ports;
    for (int port = first_port; port <= last_port; ++port)
        if (port < low || port > high) ports.push_back(port);
    if (!ports.empty()) return ports;
    for (int port = first_port; port <= last_port; ++port) ports.push_back(port);
    return ports;
}

ReservedPort::ReservedPort(unsigned seed) {
    const auto ports = reservable_ports(read_file("/proc/sys/net/ipv4/ip_local_port_range"));
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const int port = ports[(seed + i) % ports.size()];
        fd_ = bind_port(port);
        if (fd_ < 0) continue;
        number_ = port;
        if (!is_listened_on(port)) return;
        ::close(std::exchange(fd_, -1));
    }
    fail<EnvironmentError>(
        "no port from {} to {} is free for the program's ranks to meet; set MASTER_ADDR and "
        "MASTER_PORT yourself",
        first_port, last_port);
}

ReservedPort::ReservedPort(ReservedPort&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), number_(other.number_) {}

ReservedPort& ReservedPort::operator=(ReservedPort&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(number_, other.number_);
    return *this;
}

ReservedPort::~ReservedPort() {
    if (fd_ >= 0) ::close(fd_);
}

std::string interface_of(const std::string& address) {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return "";
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, ::freeifaddrs);
    for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next)
        if (one->ifa_addr != nullptr && show_address(one->ifa_addr) == address)
            return one->ifa_name;
    return "";
}

}  // namespace warpstep::cli
