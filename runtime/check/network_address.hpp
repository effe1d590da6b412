// SPDX-License-Identifier: Apache-2.0
// Addresses of network interfaces as values, and the grammar in which NCCL is told what to use.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/check/rank_facts.hpp"

namespace warpstep::check {

/// "10.77.0.2/24" or "fd00::2"; IPv4 as ::ffff:a.b.c.d, its prefix counted in the 128 bits.
struct NetworkAddress {
    std::array<std::uint8_t, 16> bytes{};
    int prefix = 128;

    bool is_loopback() const;    ///< 127.0.0.0/8, ::1
    bool is_link_local() const;  ///< 169.254.0.0/16, fe80::/10
    /// In the network that `prefix` of this one spans.
    bool spans(const NetworkAddress& other) const;
    friend auto operator<=>(const NetworkAddress&, const NetworkAddress&) = default;
};

/// Nothing for what is no such text.
std::optional<NetworkAddress> parse_address(std::string_view text);
/// The first address of its network, with the prefix.
NetworkAddress network_of(NetworkAddress address);
/// "10.77.0.0/24"
std::string show(const NetworkAddress& address);

/// The addresses of an interface that others could reach: up, neither loopback nor link-local.
std::vector<NetworkAddress> reachable_addresses(const Interface& interface);

/// Whether a list in NCCL's grammar names this: comma-separated beginnings of names, "=" before the
/// list for whole names, "^" to name all others; an entry may end in ":port". An empty list names
/// everything. Source: NCCL user guide, NCCL_SOCKET_IFNAME and NCCL_IB_HCA; parseStringList() and
/// matchIfList() of its source.
bool nccl_names(std::string_view list, std::string_view name, int port = -1);

}  // namespace warpstep::check
