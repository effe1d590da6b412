// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/host/put.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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

#if defined(__SSE2__)
void put(std::byte* to, const std::byte* from, std::size_t bytes, bool around) {
    if (!around) {
        std::memcpy(to, from, bytes);
        return;
    }
    const auto misaligned = reinterpret_cast<std::uintptr_t>(to) % line;
    const std::size_t head = std::min(bytes, misaligned == 0 ? 0 : line - misaligned);
    const std::size_t body = (bytes - head) / line * line;
    std::memcpy(to, from, head);
    // Whole lines, or each would be written in parts.
    for (std::size_t at = head; at < head + body; at += sizeof(__m128i)) {
        const auto value = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + at));
        _mm_stream_si128(reinterpret_cast<__m128i*>(to + at), value);
    }
    std::memcpy(to + head + body, from + head + body, bytes - head - body);
}

void finish_puts() {
    _mm_sfence();
}
#else
void put(std::byte* to, const std::byte* from, std::size_t bytes, bool) {
    std::memcpy(to, from, bytes);
}

void finish_puts() {}
#endif

}  // namespace warpstep::comm::host
