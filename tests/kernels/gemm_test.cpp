// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm.hpp"

#include <doctest/doctest.h>

#include "tests/kernels/gemm_cases.hpp"

using namespace warpstep;
using doctest::Contains;
using test::Elements;
using test::GemmShape;
using test::HostSide;
using test::Product;
using test::Side;

namespace {

constexpr test::GemmTypes f32{DType::f32, DType::f32};
constexpr test::GemmTypes f8{DType::f8e4m3, DType::f32};

}  // namespace

TEST_CASE("kernels: gemm of small integers is exact in every type, shape and transposition") {
    HostSide side(2);
    test::check_small_integers(side, "gemm");
    test::check_small_integers(side, "gemm.naive");
}

TEST_CASE("kernels: gemm takes rows that begin anywhere") {
    HostSide side;
    test::check_unaligned(side, "gemm");
    test::check_unaligned(side, "gemm.naive");
}

TEST_CASE("kernels: gemm with beta 0 does not read c") {
    HostSide side;
    test::check_beta_zero_ignores_c(side, "gemm");
    test::check_beta_zero_ignores_c(side, "gemm.naive");
}

TEST_CASE("kernels: a large random gemm passes Freivalds' test") {
    HostSide side(2);
    test::check_freivalds(side, DType::f32, {700, 300, 500}, 2e-2);
    test::check_freivalds(side, DType::f64, {300, 700, 500}, 1e-10);
}

TEST_CASE("kernels: gemm has the same bits whatever the number of cores") {
    for (const GemmShape shape : {GemmShape{517, 130, 90}, GemmShape{33, 901, 64}}) {
        Product alone(f32, shape);
        alone.a.fill([](std::int64_t i) { return 1.0 / static_cast<double>(i + 3); });
        HostSide(1).run("gemm", alone.arguments());
        for (const int cores : {2, 3, 4}) {
            Product shared(f32, shape);
            shared.a.fill([](std::int64_t i) { return 1.0 / static_cast<double>(i + 3); });
            HostSide(cores).run("gemm", shared.arguments());
            CHECK(shared.c.same_bits(alone.c));
        }
    }
}

TEST_CASE("kernels: many gemms on several cores do not disturb one another") {
    HostSide side(4);
    Product p({DType::f64, DType::f64}, {256, 256, 64});
    const Elements expected = p.expected();
    for (int i = 0; i < 100; ++i) {
        p.c.fill([](std::int64_t) { return -1; });
        side.run("gemm", p.arguments());
        REQUIRE(p.c.same_bits(expected));
    }
}

TEST_CASE("kernels: a matrix may be multiplied by itself") {
    Product p(f32, {16, 16, 16});
    kernels::Arguments square;
    add(square, "a", p.a);
    add(square, "b", p.a);
    add(square, "c", p.c);
    HostSide().run("gemm", square);
    double sum = 0;
    for (std::int64_t l = 0; l < 16; ++l) sum += p.a[l] * p.a[l * 16];
    CHECK(p.c[0] == sum);
}

TEST_CASE("kernels: gemm's bytes and flops") {
    Product p({DType::f16, DType::f32}, {3, 5, 7});
    const kernels::Kernel& gemm = *kernels::find("gemm");
    CHECK(gemm.flops(p.arguments()) == 2 * 3 * 5 * 7);
    CHECK(gemm.bytes(p.arguments()) == 2 * (3 * 7 + 7 * 5) + 4 * 3 * 5);
    p.beta = 1;
    CHECK(gemm.bytes(p.arguments()) == 2 * (3 * 7 + 7 * 5) + 2 * 4 * 3 * 5);
    CHECK(gemm.flops(Product(f32, {0, 5, 7}).arguments()) == 0);
}

TEST_CASE("kernels: gemm refuses shapes that do not meet") {
    Product p(f32, {3, 5, 7});
    kernels::Arguments wrong;
    add(wrong, "a", p.a);
    add(wrong, "b", Elements(DType::f32, {6, 5}));
    add(wrong, "c", p.c);
    CHECK_THROWS_WITH_AS(Side::check("gemm", wrong),
                         Contains("'a' is [3, 7] but 'b' is [6, 5] (7 columns of the first meet 6 "
                                  "rows of the second)"),
                         ConfigError);
    kernels::Arguments flat;
    add(flat, "a", p.a);
    add(flat, "b", p.b);
    add(flat, "c", Elements(DType::f32, {5, 3}));
    CHECK_THROWS_WITH_AS(Side::check("gemm", flat),
                         Contains("'c' is [5, 3] but the product of 'a' and 'b' is [3, 5]"),
                         ConfigError);
    p.transpose_b = true;
    CHECK_THROWS_WITH_AS(Side::check("gemm", p.arguments()),
                         Contains("'b' is [7, 5], transposed (7 columns of the first meet 5"),
                         ConfigError);
    kernels::Arguments deep;
    add(deep, "a", Elements(DType::f32, {2, 2, 2}));
    add(deep, "b", p.b);
    add(deep, "c", p.c);
    CHECK_THROWS_WITH_AS(Side::check("gemm", deep), Contains("'a' has 3 dimensions"), ConfigError);
}

TEST_CASE("kernels: gemm refuses types and words that do not fit") {
    const auto with = [](DType a, DType b, DType c, const char* compute) {
        static const Elements ea(DType::f64, {16, 16}), eb(DType::f64, {16, 16}),
            ec(DType::f64, {16, 16});
        kernels::Arguments arguments;
        arguments.buffer("a", ea.data(), {16, 16}, a)
            .buffer("b", eb.data(), {16, 16}, b)
            .buffer("c", ec.data(), {16, 16}, c)
            .word("compute", compute)
            .word("transpose_b", "yes");
        Side::check("gemm", arguments);
    };
    CHECK_NOTHROW(with(DType::f32, DType::f32, DType::f32, "tf32"));
    CHECK_NOTHROW(with(DType::f16, DType::f16, DType::f32, "f32"));
    CHECK_NOTHROW(with(DType::f8e4m3, DType::f8e4m3, DType::bf16, "fast"));
    CHECK_THROWS_WITH_AS(with(DType::f32, DType::f64, DType::f64, "auto"),
                         Contains("'a' is f32 but 'b' is f64"), ConfigError);
    CHECK_THROWS_WITH_AS(with(DType::i32, DType::i32, DType::i32, "auto"),
                         Contains("'a' and 'b' are i32 (matrices are multiplied in"), ConfigError);
    CHECK_THROWS_WITH_AS(with(DType::f16, DType::f16, DType::bf16, "auto"),
                         Contains("'c' is bf16 but 'a' and 'b' are f16 (their product is f16 or"),
                         ConfigError);
    CHECK_THROWS_WITH_AS(with(DType::f8e4m3, DType::f8e4m3, DType::f8e4m3, "auto"),
                         Contains("'c' is f8e4m3"), ConfigError);
    CHECK_THROWS_WITH_AS(with(DType::f64, DType::f64, DType::f64, "f32"),
                         Contains("compute: f32 does not fit"), ConfigError);
    CHECK_THROWS_WITH_AS(with(DType::bf16, DType::bf16, DType::f32, "tf32"),
                         Contains("compute: tf32 does not fit"), ConfigError);
    CHECK_THROWS_WITH_AS(with(DType::f32, DType::f32, DType::f32, "fast"),
                         Contains("compute: fast does not fit"), ConfigError);
}

TEST_CASE("kernels: gemm refuses a result that overlaps an operand, naming both") {
    Product p(f32, {4, 4, 4});
    for (const char* operand : {"a", "b"}) {
        kernels::Arguments arguments;
        add(arguments, "a", p.a);
        add(arguments, "b", p.b);
        arguments.buffer("c", arguments.buffer(operand).data, {4, 4}, DType::f32);
        CHECK_THROWS_WITH_AS(Side::check("gemm", arguments),
                             Contains((std::string("'") + operand + "' and 'c' overlap").c_str()),
                             ConfigError);
    }
}

TEST_CASE("kernels: gemm says how f8e4m3 must lie in memory") {
    CHECK_NOTHROW(Side::check("gemm", Product(f8, {3, 16, 32}, false, true).arguments()));
    CHECK_THROWS_WITH_AS(Side::check("gemm", Product(f8, {3, 16, 16}).arguments()),
                         Contains("store b as [n, k] and write transpose_b: yes"), ConfigError);
    CHECK_THROWS_WITH_AS(Side::check("gemm", Product(f8, {16, 16, 16}, true, true).arguments()),
                         Contains("transpose_a: yes"), ConfigError);
    CHECK_THROWS_WITH_AS(Side::check("gemm", Product(f8, {3, 16, 24}, false, true).arguments()),
                         Contains("in multiples of 16"), ConfigError);
    CHECK_THROWS_WITH_AS(Side::check("gemm", Product(f8, {3, 8, 16}, false, true).arguments()),
                         Contains("in multiples of 16"), ConfigError);
    CHECK_THROWS_WITH_AS(Side::check("gemm", Product(f8, {3, 16, 16}, false, true, 1).arguments()),
                         Contains("'a' begins at"), ConfigError);
    // The reference has none of these limits.
    CHECK_NOTHROW(Side::check("gemm.naive", Product(f8, {3, 5, 7}, true, false, 1).arguments()));
}
