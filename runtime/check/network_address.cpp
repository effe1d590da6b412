// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/network_address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>

#include "runtime/base/text.hpp"

namespace warpstep::check {
namespace {

constexpr std::array<std::uint8_t, 12> ipv4_begin = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_ipv4(const NetworkAddress& address) {
    return std::equal(ipv4_begin.begin(), ipv4_begin.end(), address.bytes.begin());
}

std::optional<int> port_in(std::string_view text) {
    int value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
    return value;
}

bool entry_names(std::string_view entry, std::string_view name, int port, bool whole) {
    const auto colon = entry.find(':');
    const std::string_view wanted = entry.substr(0, colon);
    if (colon != entry.npos && port >= 0 && port_in(entry.substr(colon + 1)) != port) return false;
    return whole ? name == wanted : name.starts_with(wanted);
}

}  // namespace

bool NetworkAddress::is_loopback() const {
    if (is_ipv4(*this)) return bytes[12] == 127;
    const bool zeros = std::all_of(bytes.begin(), bytes.end() - 1, [](auto b) { return b == 0; });
    return zeros && bytes[15] == 1;
}

bool NetworkAddress::is_link_local() const {
    if (is_ipv4(*this)) return bytes[12] == 169 && bytes[13] == 254;
    return bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

bool NetworkAddress::spans(const NetworkAddress& other) const {
    NetworkAddress there = other;
    there.prefix = prefix;
    return network_of(there) == network_of(*this);
}

std::optional<NetworkAddress> parse_address(std::string_view text) {
    const auto slash = text.find('/');
    const std::string host(text.substr(0, slash));
    NetworkAddress address;
    const bool four = inet_pton(AF_INET, host.c_str(), address.bytes.data() + 12) == 1;
    if (four) {
        std::copy(ipv4_begin.begin(), ipv4_begin.end(), address.bytes.begin());
    } else if (inet_pton(AF_INET6, host.c_str(), address.bytes.data()) != 1) {
        return std::nullopt;
    }
    if (slash == text.npos) return address;
    const auto prefix = port_in(text.substr(slash + 1));
    if (!prefix || *prefix < 0 || *prefix > (four ? 32 : 128)) return std::nullopt;
    address.prefix = *prefix + (four ? 96 : 0);
    return address;
}

NetworkAddress network_of(NetworkAddress address) {
    for (int byte = 0; byte < 16; ++byte) {
        const int kept = std::clamp(address.prefix - 8 * byte, 0, 8);
        address.bytes[static_cast<std::size_t>(byte)] &=
            static_cast<std::uint8_t>(0xff00 >> kept & 0xff);
    }
    return address;
}

std::string show(const NetworkAddress& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const bool four = is_ipv4(address);
    const void* bytes = address.bytes.data() + (four ? 12 : 0);
    inet_ntop(four ? AF_INET : AF_INET6, bytes, text.data(), text.size());
    const int prefix = address.prefix - (four ? 96 : 0), whole = four ? 32 : 128;
    return prefix == whole ? text.data() : fmt::format("{}/{}", text.data(), prefix);
}

std::vector<NetworkAddress> reachable_addresses(const Interface& interface) {
    std::vector<NetworkAddress> found;
    if (!interface.up || interface.loopback) return found;
    for (const std::string& text : interface.addresses) {
        const auto address = parse_address(text);
        if (address && !address->is_loopback() && !address->is_link_local())
            found.push_back(*address);
    }
    return found;
}

bool nccl_names(std::string_view list, std::string_view name, int port) {
    const bool others = list.starts_with('^');
    if (others) list.remove_prefix(1);
    const bool whole = list.starts_with('=');
    if (whole) list.remove_prefix(1);
    bool any = false, named = false;
    for (const std::string& entry : split(list, ',')) {
        if (entry.empty()) continue;
        any = true;
        named = named || entry_names(entry, name, port, whole);
    }
    return (named || !any) != others;
}

}  // namespace warpstep::check
