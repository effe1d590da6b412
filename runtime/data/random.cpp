// SPDX-License-Identifier: Apache-2.0
#include "runtime/data/random.hpp"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace warpstep::data {
namespace {

// A number below `bound` with a bias below bound / 2^64. Source: Lemire (2019), without the
// rejection step.
std::uint64_t below(std::uint64_t bits, std::uint64_t bound) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(bits) * bound) >> 64);
}

}  // namespace

double random_uniform(std::uint64_t seed, std::uint64_t index) {
    return static_cast<double>(random_bits(seed, index) >> 11) * 0x1.0p-53;
}

double random_normal(std::uint64_t seed, std::uint64_t index) {
    const double u = 1.0 - random_uniform(seed, 2 * index);  // in (0, 1]: its logarithm is finite
    const double v = random_uniform(seed, 2 * index + 1);
    return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
}

double random_small_integer(std::uint64_t seed, std::uint64_t index) {
    return static_cast<double>(below(random_bits(seed, index), 17)) - 8;
}

std::vector<std::int64_t> random_permutation(std::uint64_t seed, std::int64_t n) {
    std::vector<std::int64_t> order(static_cast<std::size_t>(n));
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t i = order.size(); i > 1; --i) {
        std::swap(order[i - 1], order[below(random_bits(seed, i), i)]);
    }
    return order;
}

RandomBijection::RandomBijection(std::uint64_t seed, std::int64_t n)
    : seed_(seed),
      n_(static_cast<std::uint64_t>(n)),
      left_(static_cast<std::uint64_t>(std::sqrt(static_cast<double>(n))) + 1),
      right_(n_ / left_ + 1) {}

std::int64_t RandomBijection::operator()(std::int64_t i) const {
    // Six rounds: with few of them, small domains show their structure.
    constexpr std::uint64_t rounds = 6;
    auto x = static_cast<std::uint64_t>(i);
    do {
        std::uint64_t l = x / right_, r = x % right_;
        for (std::uint64_t k = 0; k < rounds; k += 2) {
            l = (l + below(random_bits(seed_, rounds * r + k), left_)) % left_;
            r = (r + below(random_bits(seed_, rounds * l + k + 1), right_)) % right_;
        }
        x = l * right_ + r;
    } while (x >= n_);
    return static_cast<std::int64_t>(x);
}

}  // namespace warpstep::data
