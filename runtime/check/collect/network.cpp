// SPDX-License-Identifier: Apache-2.0
// Interfaces, names and ports.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <future>
#include <memory>
#include <sstream>
#include <thread>

#include "runtime/check/collect/files.hpp"
#include "runtime/check/collect/parts.hpp"

namespace warpstep::check {

namespace {

std::string address_text(const sockaddr* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* bytes = nullptr;
    if (address->sa_family == AF_INET)
        bytes = &reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
    if (address->sa_family == AF_INET6)
        bytes = &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    if (!bytes || !inet_ntop(address->sa_family, bytes, text.data(), text.size())) return "";
    return text.data();
}

int prefix_length(const sockaddr* mask) {
    if (!mask) return 0;
    const bool four = mask->sa_family == AF_INET;
    const auto* bytes = four ? reinterpret_cast<const unsigned char*>(
                                   &reinterpret_cast<const sockaddr_in*>(mask)->sin_addr)
                             : reinterpret_cast<const unsigned char*>(
                                   &reinterpret_cast<const sockaddr_in6*>(mask)->sin6_addr);
    int length = 0;
    for (int i = 0; i < (four ? 4 : 16); ++i) length += __builtin_popcount(bytes[i]);
    return length;
}

std::vector<Interface> interfaces() {
    std::vector<Interface> all;
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) return all;
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> list(first, ::freeifaddrs);
    for (const ifaddrs* one = first; one; one = one->ifa_next) {
        auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Interface& i) { return i.name == one->ifa_name; });
        if (found == all.end())
            found = all.insert(all.end(), {one->ifa_name,
                                           (one->ifa_flags & IFF_UP) != 0,
                                           (one->ifa_flags & IFF_LOOPBACK) != 0,
                                           {}});
        const std::string address = one->ifa_addr ? address_text(one->ifa_addr) : "";
        if (!address.empty())
            found->addresses.push_back(
                fmt::format("{}/{}", address, prefix_length(one->ifa_netmask)));
    }
    return all;
}

struct Resolution {
    std::string problem;
    std::vector<std::string> addresses;
};

Resolution resolve_now(const std::string& name) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* first = nullptr;
    if (const int status = ::getaddrinfo(name.c_str(), nullptr, &hints, &first); status != 0)
        return {::gai_strerror(status), {}};
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(first, ::freeaddrinfo);
    Resolution found;
    for (const addrinfo* one = first; one; one = one->ai_next)
        found.addresses.push_back(address_text(one->ai_addr));
    return found;
}

/// A name server that does not answer keeps the thread, which then is left behind.
Resolution resolve(const std::string& name, std::chrono::milliseconds limit) {
    auto promise = std::make_shared<std::promise<Resolution>>();
    std::future<Resolution> answer = promise->get_future();
    std::thread([promise, name] { promise->set_value(resolve_now(name)); }).detach();
    if (answer.wait_for(limit) == std::future_status::ready) return answer.get();
    return {fmt::format("no answer within {} ms", limit.count()), {}};
}

/// Nothing where sockets cannot be made at all.
std::optional<bool> can_bind(int port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return std::nullopt;
    // As servers do: ends of old connections do not count, listeners do.
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const bool bound =
        ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(socket);
    return bound;
}

}  // namespace

void collect_network(const Sources& sources, RankFacts& facts) {
    facts.interfaces = interfaces();
    facts.own_addresses = resolve(sources.host_name, sources.resolve_limit).addresses;
    const std::string master = variable(sources.env, "MASTER_ADDR").value_or("");
    if (!master.empty()) {
        const Resolution found = resolve(master, sources.resolve_limit);
        facts.master_address_problem = found.problem;
        facts.master_addresses = found.addresses;
    }
    const auto port = number(sources.env, "MASTER_PORT");
    if (facts.rank == 0 && port && *port > 0 && *port < 65536)
        facts.master_port_free = can_bind(*port);
    std::istringstream range(
        text_of(sources.proc + "/sys/net/ipv4/ip_local_port_range").value_or(""));
    int low = 0, high = 0;
    if (range >> low >> high) {
        facts.ephemeral_low = low;
        facts.ephemeral_high = high;
    }
}

}  // namespace warpstep::check
