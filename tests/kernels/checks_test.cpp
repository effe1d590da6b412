// SPDX-License-Identifier: Apache-2.0
// What kernels refuse before a launch.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>

#include "kernels/catalog.hpp"
#include "runtime/base/error.hpp"

using namespace warpstep;
using doctest::Contains;
using kernels::Arguments;

namespace {

std::array<double, 64> memory;

Arguments triad(double* a, std::int64_t count_a, double* b, DType dtype_b = DType::f64) {
    Arguments arguments;
    arguments.buffer("a", a, count_a, DType::f64)
        .buffer("b", b, 8, dtype_b)
        .buffer("c", memory.data() + 40, 8, DType::f64)
        .number("scalar", 1);
    return arguments;
}

void check(const char* kernel, const Arguments& arguments) {
    kernels::find(kernel)->check(arguments);
}

Arguments rows(std::int64_t x, std::int64_t y, std::int64_t w, std::int64_t grad) {
    Arguments arguments;
    arguments.buffer("x", memory.data(), x, DType::f64)
        .buffer("y", memory.data() + 32, y, DType::f64)
        .buffer("w", memory.data() + 40, w, DType::f64)
        .buffer("grad", memory.data() + 48, grad, DType::f64)
        .buffer("error", memory.data() + 63, 1, DType::f64);
    return arguments;
}

Arguments filled(DType dtype, double value) {
    Arguments arguments;
    arguments.buffer("buffer", memory.data(), 8, dtype).number("value", value);
    return arguments;
}

}  // namespace

TEST_CASE("kernels: fitting arguments are accepted") {
    CHECK_NOTHROW(check("stream.triad", triad(memory.data(), 8, memory.data() + 8)));
    CHECK_NOTHROW(check("linear.gradient", rows(12, 4, 3, 3)));
    CHECK_NOTHROW(check("linear.gradient", rows(0, 0, 3, 3)));
    CHECK_NOTHROW(check("linear.squared_error", rows(12, 4, 3, 3)));
}

TEST_CASE("kernels: buffers that overlap are refused, adjacent ones are not") {
    CHECK_THROWS_WITH_AS(check("stream.triad", triad(memory.data(), 8, memory.data())),
                         Contains("'a' and 'b' overlap"), ConfigError);
    CHECK_THROWS_AS(check("stream.triad", triad(memory.data() + 15, 8, memory.data() + 8)),
                    ConfigError);
    CHECK_NOTHROW(check("stream.triad", triad(memory.data() + 16, 8, memory.data() + 8)));
    auto arguments = rows(12, 4, 3, 3);
    arguments.set_buffer("grad", memory.data() + 41, 3);
    CHECK_THROWS_WITH_AS(check("linear.gradient", arguments), Contains("overlap"), ConfigError);
}

TEST_CASE("kernels: vectors of different lengths are refused with both lengths") {
    CHECK_THROWS_WITH_AS(check("stream.triad", triad(memory.data(), 7, memory.data() + 8)),
                         Contains("'a' has 7 elements but 'b' has 8"), ConfigError);
}

TEST_CASE("kernels: mixed and whole-number types are refused") {
    CHECK_THROWS_WITH_AS(
        check("stream.triad", triad(memory.data(), 8, memory.data() + 8, DType::f32)),
        Contains("'a' is f64 but 'b' is f32"), ConfigError);
    Arguments integers;
    integers.buffer("a", memory.data(), 8, DType::i64)
        .buffer("c", memory.data() + 8, 8, DType::i64);
    CHECK_THROWS_WITH_AS(check("stream.copy", integers), Contains("computes in f32 or f64"),
                         ConfigError);
}

TEST_CASE("kernels: rows whose width is not that of the weights are refused") {
    CHECK_THROWS_WITH_AS(check("linear.gradient", rows(12, 4, 4, 4)),
                         Contains("3 inputs for each of 4 rows but 'w' has 4"), ConfigError);
    CHECK_THROWS_AS(check("linear.gradient", rows(13, 4, 3, 3)), ConfigError);
    CHECK_THROWS_AS(check("linear.gradient", rows(0, 4, 0, 0)), ConfigError);
    CHECK_THROWS_WITH_AS(check("linear.gradient", rows(12, 4, 3, 2)),
                         Contains("'grad' has 2 elements but 'w' has 3"), ConfigError);
    auto single = rows(12, 4, 3, 3);
    Arguments error_of_two;
    for (const auto& argument : single.all()) {
        error_of_two.buffer(argument.name, argument.data,
                            argument.name == "error" ? 2 : argument.count, argument.dtype);
    }
    CHECK_THROWS_WITH_AS(check("linear.squared_error", error_of_two), Contains("one f64"),
                         ConfigError);
}

TEST_CASE("kernels: a fill value must fit the type to the last whole number") {
    CHECK_NOTHROW(check("fill", filled(DType::u8, 255)));
    CHECK_THROWS_AS(check("fill", filled(DType::u8, 256)), ConfigError);
    CHECK_THROWS_AS(check("fill", filled(DType::u8, -1)), ConfigError);
    CHECK_THROWS_AS(check("fill", filled(DType::i32, 0.5)), ConfigError);
    CHECK_NOTHROW(check("fill", filled(DType::i32, -0x1p31)));
    CHECK_THROWS_AS(check("fill", filled(DType::i32, 0x1p31)), ConfigError);
    CHECK_NOTHROW(check("fill", filled(DType::i64, -0x1p63)));
    CHECK_THROWS_AS(check("fill", filled(DType::i64, 0x1p63)), ConfigError);
    CHECK_THROWS_AS(check("fill", filled(DType::i64, std::nan(""))), ConfigError);
    CHECK_NOTHROW(check("fill", filled(DType::f32, 0.5)));
}

TEST_CASE("kernels: an argument that is missing or of the other kind is named") {
    Arguments arguments;
    arguments.number("buffer", 1).buffer("value", memory.data(), 8, DType::f64);
    CHECK_THROWS_WITH_AS(arguments.buffer("buffer"), Contains("'buffer' is not a buffer"),
                         ConfigError);
    CHECK_THROWS_WITH_AS(arguments.number("value"), Contains("'value' is not a number"),
                         ConfigError);
    CHECK_THROWS_AS(arguments.set_number("missing", 1), LogicError);
    CHECK_THROWS_AS(arguments.set_buffer("buffer", nullptr, 0), LogicError);
    arguments.set_number("buffer", 2);
    CHECK(arguments.number("buffer") == 2);
}
