// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/host/put.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "runtime/comm/host/processor.hpp"

namespace warpstep::comm::host {
namespace {

// The share of the last-level cache that a rank of a busy node can count on. What the system says
// is no help: virtual machines report the caches of the whole host.
constexpr std::size_t cached_bytes = 32 * (std::size_t{1} << 20);
constexpr std::size_t line = 64;

}  // namespace

bool bypasses_caches(std::size_t touched_bytes) {
    return touched_bytes > cached_bytes;
}

void put(std::byte* to, const std::byte* from, std::size_t bytes, bool around) {
    const auto misaligned = reinterpret_cast<std::uintptr_t>(to) % line;
    const std::size_t head = std::min(bytes, (line - misaligned) % line);
    const std::size_t body = around ? (bytes - head) / line * line : 0;
    const std::size_t tail = head + body;
    std::memcpy(to, from, head);
    stream_lines(to + head, from + head, body);
    std::memcpy(to + tail, from + tail, bytes - tail);
}

}  // namespace warpstep::comm::host
