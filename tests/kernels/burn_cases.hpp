// SPDX-License-Identifier: Apache-2.0
// What burn must find on every side.
#pragma once

#include <doctest/doctest.h>

#include "kernels/burn.hpp"
#include "tests/kernels/gemm_cases.hpp"

namespace warpstep::test {

struct Burn {
    Product product;
    Elements first, report;

    Burn(GemmTypes types, GemmShape shape)
        : product(types, shape, false, types.input == DType::f8e4m3),
          first(types.output, {shape.m, shape.n}),
          report(DType::i64, {kernels::burn_words}) {}
    kernels::Arguments arguments(double rounds) const {
        kernels::Arguments all;
        add(all, "a", product.a);
        add(all, "b", product.b);
        add(all, "c", product.c);
        add(all, "first", first);
        add(all, "report", report);
        return all.number("rounds", rounds).word("transpose_b", product.transpose_b ? "yes" : "no");
    }
    void flip(Elements& elements, std::int64_t index) const {
        elements.data()[static_cast<std::size_t>(index) * size_of(elements.dtype())] ^= 1;
    }
    void expect(double errors, double first_wrong, double rounds) const {
        CHECK(report[kernels::burn_errors] == errors);
        CHECK(report[kernels::burn_first_wrong] == first_wrong);
        CHECK(report[kernels::burn_rounds] == rounds);
    }
};

inline void check_burn_agrees(Side& side) {
    for (const GemmTypes types : gemm_types) {
        CAPTURE(name_of(types.input));
        CAPTURE(name_of(types.output));
        Burn burn(types, {19, 32, 16});
        const Elements expected = burn.product.expected();
        side.run("burn", burn.arguments(3));
        burn.expect(0, -1, 3);
        CHECK(burn.product.c.same_bits(expected));
        CHECK(burn.first.same_bits(expected));
        const double checksum = burn.report[kernels::burn_checksum];
        CHECK(checksum > 0);
        CHECK(checksum < 0x1p52);
        side.run("burn", burn.arguments(2));
        burn.expect(0, -1, 5);
        CHECK(burn.report[kernels::burn_checksum] == checksum);
        // The same matrices give it anywhere, other ones do not.
        Burn again(types, {19, 32, 16});
        HostSide().run("burn", again.arguments(1));
        CHECK(again.report[kernels::burn_checksum] == checksum);
        Burn other(types, {19, 32, 16});
        other.product.b.set(0, other.product.b[0] + 1);
        side.run("burn", other.arguments(1));
        CHECK(other.report[kernels::burn_checksum] != checksum);
    }
}

inline void check_burn_finds_flips(Side& side) {
    for (const GemmTypes types : {gemm_types[0], gemm_types[1], gemm_types[4]}) {
        CAPTURE(name_of(types.output));
        Burn burn(types, {301, 67, 5});
        side.run("burn", burn.arguments(1));
        const double checksum = burn.report[kernels::burn_checksum];
        burn.flip(burn.first, 301 * 67 - 1);
        burn.flip(burn.first, 12345);
        side.run("burn", burn.arguments(4));
        burn.expect(8, 12345, 5);
        CHECK(burn.report[kernels::burn_checksum] == checksum);  // c itself is right
        burn.flip(burn.first, 12345);
        burn.flip(burn.first, 77);
        side.run("burn", burn.arguments(1));
        burn.expect(10, 77, 6);
        // Whoever clears the report begins anew.
        burn.report.fill([](std::int64_t) { return 0; });
        side.run("burn", burn.arguments(2));
        burn.expect(0, -1, 2);
    }
}

inline void check_burn_of_nothing(Side& side) {
    Burn burn(gemm_types[1], {0, 4, 3});
    side.run("burn", burn.arguments(2));
    burn.expect(0, -1, 2);
    Burn flat(gemm_types[1], {5, 4, 0});
    side.run("burn", flat.arguments(2));
    flat.expect(0, -1, 2);
}

}  // namespace warpstep::test
