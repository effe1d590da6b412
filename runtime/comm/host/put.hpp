// SPDX-License-Identifier: Apache-2.0
// Private to comm/host: how results leave a core for the memory of several ranks.
#pragma once

#include <cstddef>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace warpstep::comm::host {

/// Whether an operation that touches this many bytes is better off writing around the caches: what
/// it writes would have left them before anybody reads it, and would first have been fetched.
bool bypasses_caches(std::size_t touched_bytes);

/// Copies; the places do not overlap. `around` the caches, the bytes are visible to other ranks
/// only after finish_puts().
void put(std::byte* to, const std::byte* from, std::size_t bytes, bool around);
void finish_puts();

/// put() around the caches for whole cache lines. Precondition: `to` begins at a line.
inline void put_lines(void* to, const void* from, std::size_t bytes) {
#if defined(__SSE2__)
    auto* out = static_cast<__m128i*>(to);
    const auto* in = static_cast<const __m128i*>(from);
    for (std::size_t i = 0; i < bytes / sizeof(__m128i); ++i) {
        _mm_stream_si128(out + i, _mm_loadu_si128(in + i));
    }
#else
    std::memcpy(to, from, bytes);
#endif
}

}  // namespace warpstep::comm::host
