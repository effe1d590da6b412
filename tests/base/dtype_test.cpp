// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/dtype.hpp"

#include <doctest/doctest.h>

#include <string>

using warpstep::DType;

TEST_CASE("base: every dtype is found again by its name and has its C++ type's size") {
    for (const DType type : {DType::f32, DType::f64, DType::i32, DType::i64, DType::u8, DType::f16,
                             DType::bf16, DType::f8e4m3}) {
        const std::string name(name_of(type));
        CAPTURE(name);
        CHECK(warpstep::parse_dtype(name) == type);
        const auto size = warpstep::with_type(type, [](auto zero) { return sizeof(zero); });
        CHECK(size == size_of(type));
    }
    CHECK(name_of(DType::f64) == "f64");
    CHECK(size_of(DType::i64) == 8);
    CHECK(size_of(DType::u8) == 1);
}

TEST_CASE("base: the f types are floating") {
    CHECK(is_floating(DType::f32));
    CHECK(is_floating(DType::f64));
    CHECK(is_floating(DType::f16));
    CHECK(is_floating(DType::bf16));
    CHECK(is_floating(DType::f8e4m3));
    CHECK_FALSE(is_floating(DType::i32));
    CHECK_FALSE(is_floating(DType::i64));
    CHECK_FALSE(is_floating(DType::u8));
}

TEST_CASE("base: a name that is no dtype is nothing") {
    CHECK_FALSE(warpstep::parse_dtype("f8"));
    CHECK_FALSE(warpstep::parse_dtype("F32"));
    CHECK_FALSE(warpstep::parse_dtype(""));
}

TEST_CASE("base: the format of a floating type") {
    CHECK(format_of(DType::f64).digits == 53);
    CHECK(format_of(DType::f32).least_exponent == -126);
    CHECK(format_of(DType::f16).least_exponent == -14);
    CHECK(format_of(DType::f16).digits == 11);
    CHECK(format_of(DType::bf16).digits == 8);
    CHECK(format_of(DType::bf16).least_exponent == -126);
    CHECK(format_of(DType::f8e4m3).least_exponent == -6);
}
