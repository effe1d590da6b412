// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/narrow_float.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

using warpstep::BFloat16;
using warpstep::Float16;
using warpstep::Float8E4M3;

namespace {

// Every bit pattern of a type: turning it into a float and back gives the same bits, NaN apart.
template <typename T, typename Bits>
int patterns_that_change() {
    int changed = 0;
    for (unsigned bits = 0; bits <= std::numeric_limits<Bits>::max(); ++bits) {
        const T narrow = T::from_bits(static_cast<Bits>(bits));
        const float wide = narrow;
        const bool same = std::isnan(wide) ? std::isnan(static_cast<float>(T(wide)))
                                           : T(wide).bits() == static_cast<Bits>(bits);
        changed += same ? 0 : 1;
    }
    return changed;
}

// The nearest value of the type found by looking at all of them; of two equally near ones the even.
template <typename T, typename Bits>
T nearest_of_all(double value) {
    T best;
    double distance = std::numeric_limits<double>::infinity();
    for (unsigned bits = 0; bits <= std::numeric_limits<Bits>::max(); ++bits) {
        const T candidate = T::from_bits(static_cast<Bits>(bits));
        const double wide = static_cast<float>(candidate);
        if (!std::isfinite(wide) || std::signbit(wide) != std::signbit(value)) continue;
        const double off = std::abs(wide - value);
        if (off < distance || (off == distance && (bits & 1) == 0)) {
            best = candidate;
            distance = off;
        }
    }
    return best;
}

std::vector<double> samples(double largest) {
    std::vector<double> values{0.0, -0.0, 1.0, 1.0 / 3, -2.0 / 3, largest, -largest};
    std::uint64_t state = 1;
    for (int i = 0; i < 300; ++i) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        const double unit = static_cast<double>(state >> 11) * 0x1p-53;
        values.push_back((i % 2 == 0 ? 1 : -1) * std::ldexp(unit, static_cast<int>(i % 30) - 22));
    }
    return values;
}

}  // namespace

TEST_CASE("base: every narrow float survives the way to float and back") {
    CHECK(patterns_that_change<Float16, std::uint16_t>() == 0);
    CHECK(patterns_that_change<BFloat16, std::uint16_t>() == 0);
    CHECK(patterns_that_change<Float8E4M3, std::uint8_t>() == 0);
}

TEST_CASE("base: a double becomes the nearest narrow float, ties to even, subnormals kept") {
    for (const double value : samples(448)) {
        CAPTURE(value);
        CHECK(Float8E4M3(value).bits() == nearest_of_all<Float8E4M3, std::uint8_t>(value).bits());
    }
    for (const double value : samples(65504)) {
        CAPTURE(value);
        CHECK(Float16(value).bits() == nearest_of_all<Float16, std::uint16_t>(value).bits());
    }
}

TEST_CASE("base: known values of the narrow formats") {
    CHECK(Float16(1.0).bits() == 0x3c00);
    CHECK(Float16(65504).bits() == 0x7bff);
    CHECK(Float16(65520).bits() == 0x7c00);
    CHECK(Float16(std::ldexp(1, -24)).bits() == 0x0001);
    CHECK(BFloat16(1.0).bits() == 0x3f80);
    CHECK(BFloat16(-3.140625).bits() == 0xc049);
    CHECK(BFloat16(std::numeric_limits<double>::infinity()).bits() == 0x7f80);
    CHECK(Float8E4M3(1.0).bits() == 0x38);
    CHECK(Float8E4M3(448).bits() == 0x7e);
    CHECK(Float8E4M3(1e6).bits() == 0x7e);
    CHECK(Float8E4M3(-1e6).bits() == 0xfe);
    CHECK(std::isnan(static_cast<float>(Float8E4M3(std::nan("")))));
}
