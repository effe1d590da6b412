// SPDX-License-Identifier: Apache-2.0
// Kernels of few results on the host against formulas, and what they refuse.
#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "kernels/catalog.hpp"
#include "runtime/base/error.hpp"

using namespace warpstep;
using device::host::Cores;
using kernels::Arguments;

namespace {

template <typename T>
constexpr DType dtype_of = DType::i64;
template <>
constexpr DType dtype_of<float> = DType::f32;
template <>
constexpr DType dtype_of<double> = DType::f64;
template <>
constexpr DType dtype_of<int> = DType::i32;

void run(const char* name, const Arguments& arguments, int cores = 3) {
    const kernels::Kernel* kernel = kernels::find(name);
    REQUIRE(kernel != nullptr);
    kernel->check(arguments);
    kernel->host(arguments, Cores(cores));
}

template <typename Result, typename T>
Result reduced(std::vector<T> x, const char* op) {
    Result result{99};
    Arguments arguments;
    arguments.buffer("x", x.data(), static_cast<std::int64_t>(x.size()), dtype_of<T>)
        .buffer("result", &result, 1, dtype_of<Result>)
        .word("op", op);
    run("reduction", arguments);
    return result;
}

template <typename T>
std::vector<T> scanned(std::vector<T> x, const char* kind) {
    std::vector<T> y(x.size(), 99);
    const auto n = static_cast<std::int64_t>(x.size());
    Arguments arguments;
    arguments.buffer("x", x.data(), n, dtype_of<T>)
        .buffer("y", y.data(), n, dtype_of<T>)
        .word("kind", kind);
    run("scan", arguments);
    return y;
}

std::vector<long long> binned(std::vector<double> x, std::int64_t count, double lo, double hi) {
    std::vector<long long> bins(static_cast<std::size_t>(count), 99);
    Arguments arguments;
    arguments.buffer("x", x.data(), static_cast<std::int64_t>(x.size()), DType::f64)
        .buffer("bins", bins.data(), count, DType::i64)
        .number("lo", lo)
        .number("hi", hi);
    run("histogram", arguments);
    return bins;
}

std::int64_t hash_of(const std::string& bytes, std::size_t offset = 0) {
    std::string shifted(offset, '?');
    shifted += bytes;
    std::int64_t sum = 0;
    Arguments arguments;
    arguments
        .buffer("x", shifted.data() + offset, static_cast<std::int64_t>(bytes.size()), DType::u8)
        .buffer("sum", &sum, 1, DType::i64);
    run("checksum", arguments);
    return sum;
}

}  // namespace

TEST_CASE("kernels: sums of floats lose nothing that a double can hold") {
    std::vector<float> x(1'000'001, 0.1F);
    CHECK(reduced<double>(x, "sum") == 1'000'001 * static_cast<double>(0.1F));
    CHECK(reduced<double>(std::vector<double>{1e100, 1, -1e100, 1}, "sum") == 2);
}

TEST_CASE("kernels: sums of integers are modulo 2^64, also beyond their own type") {
    CHECK(reduced<long long>(std::vector<int>(100, std::numeric_limits<int>::max()), "sum") ==
          100LL * std::numeric_limits<int>::max());
    CHECK(reduced<long long>(std::vector<long long>{std::numeric_limits<long long>::max(), 2},
                             "sum") == std::numeric_limits<long long>::min() + 1);
}

TEST_CASE("kernels: extremes of nothing are those of the type, and NaN is contagious") {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    CHECK(reduced<double>(std::vector<float>{}, "sum") == 0);
    CHECK(reduced<double>(std::vector<float>{}, "min") == infinity);
    CHECK(reduced<double>(std::vector<float>{}, "max") == -infinity);
    CHECK(reduced<long long>(std::vector<int>{}, "min") == std::numeric_limits<long long>::max());
    CHECK(reduced<long long>(std::vector<int>{5, -3, 4}, "min") == -3);
    CHECK(reduced<double>(std::vector<double>{5, -3, 4}, "max") == 5);
    CHECK(std::isnan(reduced<double>(std::vector<float>{1, NAN, 2}, "max")));
    CHECK(std::isnan(reduced<double>(std::vector<float>{1, NAN, 2}, "sum")));
    CHECK(reduced<double>(std::vector<double>{infinity, 1}, "sum") == infinity);
}

TEST_CASE("kernels: running sums include their element or do not, over several parts") {
    std::vector<long long> x(200'000);
    std::iota(x.begin(), x.end(), 1);
    const auto inclusive = scanned(x, "inclusive");
    const auto exclusive = scanned(x, "exclusive");
    for (std::size_t i = 0; i < x.size(); ++i) {
        REQUIRE(inclusive[i] == x[i] * (x[i] + 1) / 2);
        REQUIRE(exclusive[i] == inclusive[i] - x[i]);
    }
    const auto floats = scanned(std::vector<float>(200'000, 0.1F), "inclusive");
    CHECK(floats.back() == static_cast<float>(200'000 * static_cast<double>(0.1F)));
    CHECK(scanned(std::vector<int>{2147483647, 1}, "inclusive")[1] == -2147483647 - 1);
}

TEST_CASE("kernels: bins are closed below and open above, NaN is in none") {
    CHECK(binned({0, 0.49, 0.5, 0.999, 1, -0.01, NAN, INFINITY}, 2, 0, 1) ==
          std::vector<long long>{2, 2});
    CHECK(binned({}, 3, 0, 1) == std::vector<long long>{0, 0, 0});
    CHECK(binned(std::vector<double>(100'000, 2.5), 10, 0, 10)[2] == 100'000);
}

TEST_CASE("kernels: a checksum depends on the bytes and their order, not on where they lie") {
    std::string bytes;
    for (int i = 0; i < 1001; ++i) bytes += static_cast<char>(i * 7);
    const std::int64_t sum = hash_of(bytes);
    for (const std::size_t offset : {1U, 3U, 8U}) CHECK(hash_of(bytes, offset) == sum);
    for (const std::size_t at : {0U, 8U, 500U, 1000U}) {
        std::string other = bytes;
        other[at] = static_cast<char>(other[at] ^ 1);
        CHECK(hash_of(other) != sum);
    }
    std::string swapped = bytes;
    std::swap_ranges(swapped.begin(), swapped.begin() + 8, swapped.begin() + 16);
    CHECK(hash_of(swapped) != sum);
    CHECK(hash_of(std::string(8, '\0')) != hash_of(std::string(16, '\0')));
}

TEST_CASE("kernels: spin takes its time") {
    Arguments arguments;
    arguments.number("seconds", 0.01);
    const auto begin = std::chrono::steady_clock::now();
    run("spin", arguments);
    CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(10));
}

TEST_CASE("kernels: what summaries cannot take is refused with what to type") {
    static double memory[64];
    const auto refusal = [](const char* name, const Arguments& arguments) -> std::string {
        try {
            kernels::find(name)->check(arguments);
        } catch (const ConfigError& error) {
            return error.what();
        }
        return "";
    };
    Arguments bytes;
    bytes.buffer("x", memory, 8, DType::u8).buffer("result", memory + 8, 1, DType::i64);
    CHECK(refusal("reduction", bytes.word("op", "sum")) ==
          "'x' is u8 (this kernel computes in f32, f64, i32 or i64); change its dtype");
    Arguments halves;
    halves.buffer("x", memory, 8, DType::i32).buffer("result", memory + 8, 1, DType::f64);
    CHECK(refusal("reduction", halves.word("op", "sum")) ==
          "'result' is 1 f64 (the result is 1 i64); use dtype: i64, count: 1");
    Arguments uneven;
    uneven.buffer("x", memory, 8, DType::f64).buffer("y", memory + 8, 9, DType::f64);
    CHECK(refusal("scan", uneven.word("kind", "inclusive")) ==
          "'x' has 8 elements but 'y' has 9 (they must have equally many); change a count");
    Arguments reversed;
    reversed.buffer("x", memory, 8, DType::f64).buffer("bins", memory + 8, 4, DType::i64);
    CHECK(refusal("histogram", reversed.number("lo", 1).number("hi", 1)) ==
          "'lo' is 1 and 'hi' is 1 (lo must be below hi, both finite); change one");
    Arguments counts;
    counts.buffer("x", memory, 8, DType::f64).buffer("bins", memory + 8, 4, DType::f64);
    CHECK(refusal("histogram", counts.number("lo", 0).number("hi", 1)) ==
          "'bins' is 4 f64 (counts are i64, at least one); use dtype: i64");
    Arguments square;
    square.buffer("from", memory, {2, 3}, DType::f64).buffer("to", memory + 8, {2, 3}, DType::f64);
    CHECK(refusal("transpose", square) ==
          "'from' is 2 x 3 and 'to' is 2 x 3 (the transpose is 3 x 2); use shape: [3, 2]");
    Arguments slow;
    CHECK(refusal("spin", slow.number("seconds", 1e9)) ==
          "'seconds' is 1000000000 (0 to 3600 are possible); give another time");
}
