// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/rendezvous.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace warpstep::cli;

namespace {

/// A server as programs write it; -1 when the port is taken.
int listen_at(int port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    const int yes = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
        ::listen(fd, 1) == 0)
        return fd;
    ::close(fd);
    return -1;
}

}  // namespace

TEST_CASE("cli: a port is reserved beyond those that the system gives out") {
    CHECK(reservable_ports("32768\t60999\n").front() == 61000);
    CHECK(reservable_ports("32768 60999").size() == 4536);
    CHECK(reservable_ports("1024 61999").front() == 62000);
    CHECK(reservable_ports("1024 65535").front() == 61000);  // better than none
    CHECK(reservable_ports("").size() == 4536);
}

TEST_CASE("cli: a reserved port can be listened on, and two steps get different ones") {
    const ReservedPort first(12345), second(12345);
    CHECK(first.number() >= 61000);
    const int server = listen_at(first.number());
    CHECK(server >= 0);
    const ReservedPort third(static_cast<unsigned>(12345));
    CHECK(third.number() != first.number());
    ::close(server);
}

TEST_CASE("cli: an address is traced to its interface") {
    CHECK(interface_of("127.0.0.1") == "lo");
    CHECK(interface_of("203.0.113.1") == "");
}
