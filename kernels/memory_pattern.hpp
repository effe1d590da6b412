// SPDX-License-Identifier: Apache-2.0
// What memory tests write: the same words on host and device.
#pragma once

#include <cstdint>

namespace warpstep::kernels {

enum class Pattern { walking_bit, own_address, moving_inversions, random, bit_fade };

/// A bijection that leaves no bit where it was. Source: splitmix64 (Steele, Lea and Flood, 2014).
constexpr std::uint64_t mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

/// Phases are written one after the other; each is read back before the next.
constexpr int phases(Pattern pattern) {
    return pattern == Pattern::walking_bit ? 64 : pattern == Pattern::moving_inversions ? 4 : 2;
}

/// The word that belongs at index i in a phase.
constexpr std::uint64_t word_of(Pattern pattern, int phase, std::uint64_t seed, std::uint64_t i) {
    const std::uint64_t invert = phase % 2 == 0 ? 0 : ~std::uint64_t{0};
    switch (pattern) {
        case Pattern::walking_bit:
            return std::uint64_t{1} << ((i + static_cast<std::uint64_t>(phase)) % 64);
        case Pattern::own_address:
            return i ^ invert;
        case Pattern::moving_inversions:
            return (phase < 2 ? 0 : 0x5555555555555555ULL) ^ invert;
        case Pattern::random:
            return mix(seed ^ mix(i)) ^ invert;
        case Pattern::bit_fade:
            return ~invert;
    }
    return 0;
}

}  // namespace warpstep::kernels
