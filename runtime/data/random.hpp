// SPDX-License-Identifier: Apache-2.0
// Random numbers that depend on (seed, index) alone: the same on every rank, device, compiler and
// thread count.
#pragma once

#include <cstdint>
#include <vector>

namespace warpstep::data {

/// 64 random bits for one index of one seed.
/// Source: SplitMix64 (Steele, Lea, Flood, 2014), used as a counter-based generator.
constexpr std::uint64_t random_bits(std::uint64_t seed, std::uint64_t index) {
    std::uint64_t z = (seed + 1) * 0xd1342543de82ef95ULL + index * 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

/// Uniform in [0, 1), 53 bits.
double random_uniform(std::uint64_t seed, std::uint64_t index);
/// Mean 0, variance 1. Source: Box and Muller (1958).
double random_normal(std::uint64_t seed, std::uint64_t index);
/// A whole number in -8 … 8: sums of products stay exact in every floating type.
double random_small_integer(std::uint64_t seed, std::uint64_t index);

/// 0 … n-1 in an order given by the seed. Source: Fisher and Yates, in the form of Durstenfeld
/// (1964).
std::vector<std::int64_t> random_permutation(std::uint64_t seed, std::int64_t n);

/// 0 … n-1 in an order given by the seed, each place computed alone and without memory. Another
/// order than random_permutation()'s.
/// Source: Black, Rogaway (2002), ciphers with arbitrary finite domains: a generalised Feistel
/// network over a slightly larger domain, repeated until it falls inside.
class RandomBijection {
  public:
    RandomBijection(std::uint64_t seed, std::int64_t n);  ///< n >= 1
    /// Precondition: 0 <= i < n.
    std::int64_t operator()(std::int64_t i) const;

  private:
    std::uint64_t seed_, n_, left_, right_;  ///< left_ * right_ >= n_
};

}  // namespace warpstep::data
