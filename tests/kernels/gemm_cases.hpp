// SPDX-License-Identifier: Apache-2.0
// What gemm must do on every side: the same cases for the host and for the CUDA module.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tests/kernels/launcher.hpp"

namespace warpstep::test {

struct GemmTypes {
    DType input, output;
};
constexpr GemmTypes gemm_types[] = {
    {DType::f64, DType::f64},    {DType::f32, DType::f32},     {DType::f16, DType::f16},
    {DType::f16, DType::f32},    {DType::bf16, DType::bf16},   {DType::bf16, DType::f32},
    {DType::f8e4m3, DType::f32}, {DType::f8e4m3, DType::bf16}, {DType::f8e4m3, DType::f16}};

struct GemmShape {
    std::int64_t m, n, k;
};

/// Whole numbers from -8 to 8 that look random.
inline double small_integer(std::int64_t i, std::int64_t seed) {
    const auto x = static_cast<std::uint64_t>(i * 1000003 + seed * 7919) * 0x9e3779b97f4a7c15ULL;
    return static_cast<double>(x >> 33) - 17 * std::floor(static_cast<double>(x >> 33) / 17) - 8;
}

/// One multiplication with everything that can vary.
struct Product {
    GemmTypes types{DType::f32, DType::f32};
    GemmShape shape{1, 1, 1};
    bool transpose_a = false, transpose_b = false;
    double alpha = 1, beta = 0;
    std::string compute = "auto";
    std::size_t offset = 0;  ///< of every buffer, in elements
    Elements a, b, c;

    Product(GemmTypes t, GemmShape s, bool ta = false, bool tb = false, std::size_t off = 0)
        : types(t),
          shape(s),
          transpose_a(ta),
          transpose_b(tb),
          offset(off),
          a(t.input, ta ? std::vector{s.k, s.m} : std::vector{s.m, s.k}, off),
          b(t.input, tb ? std::vector{s.n, s.k} : std::vector{s.k, s.n}, off),
          c(t.output, {s.m, s.n}, off) {
        a.fill([](std::int64_t i) { return small_integer(i, 1); });
        b.fill([](std::int64_t i) { return small_integer(i, 2); });
        c.fill([](std::int64_t i) { return small_integer(i, 3); });
    }
    kernels::Arguments arguments() const {
        kernels::Arguments all;
        add(all, "a", a);
        add(all, "b", b);
        add(all, "c", c);
        return all.number("alpha", alpha)
            .number("beta", beta)
            .word("compute", compute)
            .word("transpose_a", transpose_a ? "yes" : "no")
            .word("transpose_b", transpose_b ? "yes" : "no");
    }
    double a_at(std::int64_t i, std::int64_t l) const {
        return transpose_a ? a[l * shape.m + i] : a[i * shape.k + l];
    }
    double b_at(std::int64_t l, std::int64_t j) const {
        return transpose_b ? b[j * shape.k + l] : b[l * shape.n + j];
    }
    /// What c must be afterwards, rounded to its type; reads c, so before the launch.
    Elements expected() const {
        Elements result(types.output, {shape.m, shape.n});
        for (std::int64_t i = 0; i < shape.m; ++i) {
            for (std::int64_t j = 0; j < shape.n; ++j) {
                double sum = 0;
                for (std::int64_t l = 0; l < shape.k; ++l) sum += a_at(i, l) * b_at(l, j);
                const double old = beta == 0 ? 0 : beta * c[i * shape.n + j];
                result.set(i * shape.n + j, alpha * sum + old);
            }
        }
        return result;
    }
};

/// f8e4m3 is multiplied in the one way that tensor cores have; others in all four.
inline void check_exact(Side& side, const char* kernel, GemmShape shape, bool four_ways) {
    for (const GemmTypes types : gemm_types) {
        for (int way = 0; way < 4; ++way) {
            const bool narrow = types.input == DType::f8e4m3;
            if (narrow ? way != 1 : way > 0 && !four_ways) continue;
            if (narrow && (shape.n % 16 != 0 || shape.k % 16 != 0)) continue;
            for (const double beta : {0.0, 2.0}) {
                CAPTURE(name_of(types.input));
                CAPTURE(name_of(types.output));
                CAPTURE(shape.m);
                CAPTURE(shape.n);
                CAPTURE(shape.k);
                CAPTURE(way);
                CAPTURE(beta);
                Product p(types, shape, way >= 2, way % 2 == 1);
                p.alpha = beta == 0 ? 1 : -1;
                p.beta = beta;
                const Elements expected = p.expected();
                side.run(kernel, p.arguments());
                CHECK(p.c.same_bits(expected));
            }
        }
    }
}

inline void check_small_integers(Side& side, const char* kernel) {
    check_exact(side, kernel, {7, 5, 3}, true);
    check_exact(side, kernel, {33, 17, 65}, true);
    check_exact(side, kernel, {1, 1, 1}, false);
    check_exact(side, kernel, {1, 31, 9}, false);
    check_exact(side, kernel, {40, 1, 2}, false);
    check_exact(side, kernel, {5, 16, 16}, true);
    check_exact(side, kernel, {48, 32, 64}, true);
    check_exact(side, kernel, {0, 4, 3}, false);
    check_exact(side, kernel, {4, 0, 3}, false);
    check_exact(side, kernel, {6, 16, 0}, true);
}

// Rows of odd length that begin anywhere: as bad an alignment as there is.
inline void check_unaligned(Side& side, const char* kernel) {
    for (const GemmTypes types : gemm_types) {
        if (types.input == DType::f8e4m3) continue;
        CAPTURE(name_of(types.input));
        Product p(types, {9, 13, 7}, false, false, 1);
        const Elements expected = p.expected();
        side.run(kernel, p.arguments());
        CHECK(p.c.same_bits(expected));
    }
}

inline void check_beta_zero_ignores_c(Side& side, const char* kernel) {
    for (const GemmTypes types : gemm_types) {
        CAPTURE(name_of(types.output));
        Product p(types, {3, 16, 16}, false, true);
        const Elements expected = p.expected();
        p.c.fill([](std::int64_t) { return std::numeric_limits<double>::quiet_NaN(); });
        side.run(kernel, p.arguments());
        CHECK(p.c.same_bits(expected));
    }
}

// Freivalds: if c is a * b, then c * x is a * (b * x) for every x, and for a wrong c hardly any.
inline void check_freivalds(Side& side, DType dtype, GemmShape shape, double tolerance) {
    Product p({dtype, dtype}, shape);
    const auto uniform = [](std::int64_t i, std::int64_t seed) {
        const auto x = static_cast<std::uint64_t>(i + 1 + seed * 1000003) * 0x9e3779b97f4a7c15ULL;
        return static_cast<double>((x ^ (x >> 29)) * 0xbf58476d1ce4e5b9ULL >> 11) * 0x1p-53 - 0.5;
    };
    p.a.fill([&](std::int64_t i) { return uniform(i, 1); });
    p.b.fill([&](std::int64_t i) { return uniform(i, 2); });
    side.run("gemm", p.arguments());
    std::vector<double> x, bx;
    for (std::int64_t j = 0; j < shape.n; ++j) x.push_back(uniform(j, 5) < 0 ? -1 : 1);
    for (std::int64_t l = 0; l < shape.k; ++l) {
        double sum = 0;
        for (std::int64_t j = 0; j < shape.n; ++j) {
            sum += p.b_at(l, j) * x[static_cast<std::size_t>(j)];
        }
        bx.push_back(sum);
    }
    double worst = 0;
    for (std::int64_t i = 0; i < shape.m; ++i) {
        double difference = 0;
        for (std::int64_t l = 0; l < shape.k; ++l) {
            difference -= p.a_at(i, l) * bx[static_cast<std::size_t>(l)];
        }
        for (std::int64_t j = 0; j < shape.n; ++j) {
            difference += p.c[i * shape.n + j] * x[static_cast<std::size_t>(j)];
        }
        worst = std::max(worst, std::abs(difference));
    }
    CHECK(worst < tolerance);
    CHECK(worst > 0);  // rounding is there, or nothing was computed in this type
}

}  // namespace warpstep::test
