// SPDX-License-Identifier: Apache-2.0
// The golden values come from a second implementation: a change of them changes everybody's
// results.
#include "runtime/data/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

using namespace warpstep::data;

namespace {

constexpr std::uint64_t many = 200'000;

}  // namespace

TEST_CASE("data: random numbers never change") {
    CHECK(random_bits(0, 0) == 0xad53d5472392edec);
    CHECK(random_bits(0, 1) == 0xf4a90164c4749e1a);
    CHECK(random_bits(1, 0) == 0xbdbdf2ec8090b8f0);
    CHECK(random_bits(42, 1'000'000) == 0x527e4ab5036ae198);
    CHECK(random_uniform(0, 0) == 0x1.5aa7aa8e4725dp-1);
    CHECK(random_uniform(42, 1'000'000) == 0x1.49f92ad40dab8p-2);
    CHECK(random_normal(0, 0) == doctest::Approx(1.4456641190965442).epsilon(1e-14));
    CHECK(random_normal(1, 0) == doctest::Approx(-1.20957300687831).epsilon(1e-14));
    CHECK(random_small_integer(0, 1) == 8);
    CHECK(random_small_integer(42, 1'000'000) == -3);
    CHECK(random_permutation(1, 10) == std::vector<std::int64_t>{3, 4, 7, 9, 6, 0, 5, 1, 8, 2});
    CHECK(random_permutation(2, 10) == std::vector<std::int64_t>{9, 1, 4, 7, 2, 5, 6, 8, 0, 3});
    std::vector<std::int64_t> computed(10);
    for (std::int64_t i = 0; i < 10; ++i) {
        computed[static_cast<std::size_t>(i)] = RandomBijection(1, 10)(i);
    }
    CHECK(computed == std::vector<std::int64_t>{0, 4, 9, 8, 6, 7, 5, 2, 3, 1});
    CHECK(RandomBijection(42, 1'000'000'000'000)(123'456'789) == 980'453'307'837);
    CHECK(RandomBijection(7, std::int64_t{1} << 62)(5) == 2'300'605'587'485'137'932);
}

TEST_CASE("data: uniform numbers fill [0, 1) evenly") {
    double sum = 0, squares = 0;
    int lowest_tenth = 0;
    for (std::uint64_t i = 0; i < many; ++i) {
        const double u = random_uniform(3, i);
        REQUIRE(u >= 0);
        REQUIRE(u < 1);
        sum += u;
        squares += u * u;
        lowest_tenth += u < 0.1 ? 1 : 0;
    }
    CHECK(sum / many == doctest::Approx(0.5).epsilon(0.005));
    CHECK(squares / many == doctest::Approx(1.0 / 3).epsilon(0.01));
    CHECK(lowest_tenth == doctest::Approx(many / 10.0).epsilon(0.03));
}

TEST_CASE("data: normal numbers have the moments of the normal distribution") {
    double moment[5] = {};
    for (std::uint64_t i = 0; i < many; ++i) {
        const double x = random_normal(3, i);
        REQUIRE(std::isfinite(x));
        for (int k = 1; k <= 4; ++k) moment[k] += std::pow(x, k) / many;
    }
    CHECK(std::abs(moment[1]) < 0.01);
    CHECK(moment[2] == doctest::Approx(1).epsilon(0.02));
    CHECK(std::abs(moment[3]) < 0.04);
    CHECK(moment[4] == doctest::Approx(3).epsilon(0.04));
}

TEST_CASE("data: small integers are whole, from -8 to 8, and all occur") {
    std::set<double> found;
    for (std::uint64_t i = 0; i < 10'000; ++i) found.insert(random_small_integer(5, i));
    CHECK(found.size() == 17);
    CHECK(*found.begin() == -8);
    CHECK(*found.rbegin() == 8);
    for (const double x : found) CHECK(x == std::floor(x));
}

TEST_CASE("data: a permutation holds every number once, another for every seed") {
    for (const std::int64_t n : {0, 1, 2, 442, 10'000}) {
        auto order = random_permutation(9, n);
        CHECK(order == random_permutation(9, n));
        if (n > 2) CHECK(order != random_permutation(10, n));
        std::vector<std::int64_t> all(static_cast<std::size_t>(n));
        std::iota(all.begin(), all.end(), 0);
        if (n > 2) CHECK(order != all);
        std::sort(order.begin(), order.end());
        CHECK(order == all);
    }
}

TEST_CASE("data: a bijection holds every number once, another order for every seed") {
    for (std::int64_t n = 1; n <= 300; ++n) {
        CAPTURE(n);
        const RandomBijection bijection(9, n);
        std::vector<bool> seen(static_cast<std::size_t>(n));
        for (std::int64_t i = 0; i < n; ++i) {
            const std::int64_t at = bijection(i);
            REQUIRE(at >= 0);
            REQUIRE(at < n);
            REQUIRE(!seen[static_cast<std::size_t>(at)]);
            seen[static_cast<std::size_t>(at)] = true;
        }
    }
    const RandomBijection one(1, 10'000), other(2, 10'000);
    int equal = 0;
    for (std::int64_t i = 0; i < 10'000; ++i) equal += one(i) == other(i) ? 1 : 0;
    CHECK(equal < 10);
}

TEST_CASE("data: a bijection sends places everywhere, neighbours apart") {
    constexpr std::int64_t n = 1 << 16;
    constexpr std::size_t parts = 16;
    std::vector<int> counts(parts * parts, 0);
    double steps = 0;
    const RandomBijection bijection(4, n);
    for (std::int64_t i = 0; i < n; ++i) {
        const auto from = static_cast<std::size_t>(i) * parts / n;
        const auto to = static_cast<std::size_t>(bijection(i)) * parts / n;
        ++counts[from * parts + to];
        steps += std::abs(static_cast<double>(bijection((i + 1) % n) - bijection(i))) / n;
    }
    // chi^2 of a uniform table: mean about the degrees of freedom, 225, deviation 21.
    double chi = 0;
    for (const int count : counts) chi += (count - 256.0) * (count - 256.0) / 256;
    CHECK(chi > 225 - 5 * 21);
    CHECK(chi < 225 + 5 * 21);
    CHECK(steps / n == doctest::Approx(1.0 / 3).epsilon(0.02));
}
