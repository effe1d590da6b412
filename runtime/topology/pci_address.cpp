// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/topology/node.hpp"

namespace warpstep::topology {

namespace {

/// A hexadecimal number of at most `digits` digits.
std::optional<unsigned> parse_hex(std::string_view text, std::size_t digits) {
    unsigned value = 0;
    if (text.empty() || text.size() > digits) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

std::optional<PciAddress> PciAddress::parse(std::string_view text) {
    const auto dot = text.rfind('.');
    if (dot == text.npos) return std::nullopt;
    std::vector<std::string> fields = split(text.substr(0, dot), ':');
    if (fields.size() == 2) fields.insert(fields.begin(), "0");
    if (fields.size() != 3) return std::nullopt;

    const auto domain = parse_hex(fields[0], 8);
    const auto bus = parse_hex(fields[1], 2);
    const auto device = parse_hex(fields[2], 2);
    const auto function = parse_hex(text.substr(dot + 1), 1);
    if (!domain || !bus || !device || !function || *device > 31 || *function > 7)
        return std::nullopt;
    return PciAddress{*domain, *bus, *device, *function};
}

std::string show(const PciAddress& address) {
    return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", address.domain, address.bus, address.device,
                       address.function);
}

}  // namespace warpstep::topology
