// SPDX-License-Identifier: Apache-2.0
// Private to comm/host: what C++ has no word for, on the processors and compilers that have one;
// elsewhere the plain thing.
#pragma once

#include <cstddef>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// Before a loop whose targets are the same memory as its sources, element for element, or apart:
// the compiler need not ask.
#if defined(__clang__)
#define WARPSTEP_ELEMENTS_APART _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define WARPSTEP_ELEMENTS_APART _Pragma("GCC ivdep")
#else
#define WARPSTEP_ELEMENTS_APART
#endif

namespace warpstep::comm::host {

/// Copies whole cache lines past the caches; `to` begins at one. The bytes are visible to other
/// cores only after finish_streaming().
inline void stream_lines(void* to, const void* from, std::size_t bytes) {
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

inline void finish_streaming() {
#if defined(__SSE2__)
    _mm_sfence();
#endif
}

/// In a loop that waits for another core: leaves the memory bus and the sibling thread alone.
inline void relax() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

}  // namespace warpstep::comm::host
