// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "runtime/comm/control_channel.hpp"

namespace warpstep::comm {
namespace {

struct Local {
    std::string interface, address;
    bool global;  ///< neither loopback nor link-local
    bool is_ipv4;
};

std::string show(const sockaddr* address) {
    std::array<char, NI_MAXHOST> text{};
    const socklen_t length =
        address->sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    if (getnameinfo(address, length, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0) {
        return "";
    }
    return text.data();
}

bool is_global(const sockaddr* address) {
    if (address->sa_family == AF_INET) {
        const auto ip = ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr);
        return (ip >> 24) != 127 && (ip >> 16) != 0xa9fe;  // 127.0.0.0/8, 169.254.0.0/16
    }
    const auto& ip = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    return !IN6_IS_ADDR_LOOPBACK(&ip) && !IN6_IS_ADDR_LINKLOCAL(&ip);
}

bool is_inet(const sockaddr* address) {
    return address != nullptr && (address->sa_family == AF_INET || address->sa_family == AF_INET6);
}

// Addresses of interfaces that are up, IPv4 first.
std::vector<Local> local_addresses() {
    ifaddrs* raw = nullptr;
    if (getifaddrs(&raw) != 0) return {};
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> list(raw, freeifaddrs);
    std::vector<Local> found;
    for (const ifaddrs* one = raw; one != nullptr; one = one->ifa_next) {
        if (!is_inet(one->ifa_addr) || (one->ifa_flags & IFF_UP) == 0) continue;
        found.push_back({one->ifa_name, show(one->ifa_addr), is_global(one->ifa_addr),
                         one->ifa_addr->sa_family == AF_INET});
    }
    std::stable_partition(found.begin(), found.end(), [](const Local& l) { return l.is_ipv4; });
    return found;
}

// What the name of this host resolves to, when that is no loopback address (Debian writes 127.0.1.1
// into /etc/hosts).
std::string address_of_host_name() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) return "";
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* raw = nullptr;
    if (getaddrinfo(name.data(), nullptr, &hints, &raw) != 0) return "";
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(raw, freeaddrinfo);
    for (const addrinfo* one = raw; one != nullptr; one = one->ai_next) {
        if (is_inet(one->ai_addr) && is_global(one->ai_addr)) return show(one->ai_addr);
    }
    return "";
}

// The variable is the same on all nodes, so an address in it is meant for rank 0 and an interface
// name for everybody.
std::string wanted_address(const step::Step& step, const std::vector<Local>& locals) {
    const char* wanted = std::getenv("WARPSTEP_CONTROL_ADDRESS");
    if (wanted == nullptr || *wanted == '\0') return "";
    for (const auto& local : locals) {
        if (local.address == wanted || local.interface == wanted) return local.address;
    }
    if (step.rank != 0) return "";
    fail<EnvironmentError>(
        "WARPSTEP_CONTROL_ADDRESS={} is neither an address nor an interface of {} that is up; take "
        "one that `ip addr` shows there, or unset it",
        wanted, step.node_name());
}

}  // namespace

std::string routable_address(const step::Step& step) {
    const auto locals = local_addresses();
    if (std::string wanted = wanted_address(step, locals); !wanted.empty()) return wanted;
    if (step.nodes() == 1) return "127.0.0.1";
    if (std::string named = address_of_host_name(); !named.empty()) return named;
    for (const auto& local : locals) {
        if (local.global) return local.address;
    }
    fail<EnvironmentError>(
        "{} has no network address that other nodes could reach (only loopback interfaces are up); "
        "set WARPSTEP_CONTROL_ADDRESS to an address or interface",
        step.node_name());
}

}  // namespace warpstep::comm
