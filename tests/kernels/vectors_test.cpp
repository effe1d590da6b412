// SPDX-License-Identifier: Apache-2.0
// The kernels that turn vectors into a vector, against a plain loop. conformance_test.cpp sees to
// it that no kernel of the catalog is forgotten.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <map>
#include <random>

#include "kernels/catalog.hpp"
#include "runtime/base/error.hpp"

using namespace warpstep;
using kernels::Arguments;
using kernels::Kernel;
using Role = kernels::Parameter::Role;

namespace {

constexpr std::int64_t sizes[] = {0, 1, 7, 1000, 40'001};

template <typename T>
constexpr DType dtype_of = sizeof(T) == 4 ? DType::f32 : DType::f64;

/// One element of the result from the elements of all buffers before the launch and the value.
template <typename T>
using Element = std::function<T(const std::map<std::string, T>& at, T value)>;

template <typename T>
const std::map<std::string, Element<T>>& references() {
    using At = const std::map<std::string, T>&;
    static const std::map<std::string, Element<T>> all{
        {"axpy", [](At at, T alpha) { return std::fma(alpha, at.at("x"), at.at("y")); }},
        {"fill", [](At, T value) { return value; }},
        {"scale", [](At at, T factor) { return factor * at.at("buffer"); }},
        {"stream.add", [](At at, T) { return at.at("a") + at.at("b"); }},
        {"stream.copy", [](At at, T) { return at.at("a"); }},
        {"stream.mul", [](At at, T scalar) { return scalar * at.at("c"); }},
        {"stream.nstream",
         [](At at, T s) { return at.at("a") + std::fma(s, at.at("c"), at.at("b")); }},
        {"stream.write", [](At, T scalar) { return scalar; }},
        {"stream.triad", [](At at, T s) { return std::fma(s, at.at("c"), at.at("b")); }}};
    return all;
}

template <typename T>
std::vector<T> random_vector(std::int64_t n, unsigned seed) {
    std::mt19937 generator(seed);
    std::uniform_real_distribution<T> uniform(-2, 2);
    std::vector<T> values(static_cast<std::size_t>(n));
    for (T& value : values) value = uniform(generator);
    return values;
}

template <typename T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
    return a.size() == b.size() &&
           (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

/// The buffers of one launch by parameter name.
template <typename T>
struct Launch {
    const Kernel& kernel;
    double value;
    std::map<std::string, std::vector<T>> buffers;
    std::string output;

    Launch(const Kernel& k, std::int64_t n, double v) : kernel(k), value(v) {
        unsigned seed = 1;
        for (const auto& parameter : k.parameters) {
            if (parameter.role == Role::value) continue;
            buffers[parameter.name] = random_vector<T>(n, seed++);
            if (parameter.role != Role::read) output = parameter.name;
        }
    }
    std::vector<T> expected() const {
        std::vector<T> result = buffers.at(output);
        for (std::size_t i = 0; i < result.size(); ++i) {
            std::map<std::string, T> at;
            for (const auto& [name, values] : buffers) at[name] = values[i];
            result[i] = references<T>().at(kernel.name)(at, static_cast<T>(value));
        }
        return result;
    }
    void run(int cores) {
        Arguments arguments;
        for (auto& [name, values] : buffers) {
            arguments.buffer(name, values.data(), static_cast<std::int64_t>(values.size()),
                             dtype_of<T>);
        }
        for (const auto& parameter : kernel.parameters) {
            if (parameter.role == Role::value) arguments.number(parameter.name, value);
        }
        kernel.check(arguments);
        kernel.host(arguments, device::host::Cores(cores));
    }
};

}  // namespace

TEST_CASE_TEMPLATE("kernels: every vector kernel equals a plain loop bit by bit", T, float,
                   double) {
    for (const auto& [name_of_kernel, reference] : references<T>()) {
        const Kernel& kernel = *kernels::find(name_of_kernel);
        CAPTURE(kernel.name);
        for (const std::int64_t n : sizes) {
            for (const int cores : {1, 3}) {
                CAPTURE(n);
                Launch<T> launch(kernel, n, 0.4);
                const auto before = launch.buffers;
                const auto expected = launch.expected();
                launch.run(cores);
                CHECK(same_bits(launch.buffers.at(launch.output), expected));
                for (const auto& [name, values] : before) {
                    if (name != launch.output) CHECK(same_bits(launch.buffers.at(name), values));
                }
            }
        }
    }
}

TEST_CASE_TEMPLATE("kernels: dot and read add in double, whatever the vectors are", T, float,
                   double) {
    // In a float, 1 disappears beside 2^24.
    std::vector<T> a(50'000, T{1}), b(50'000, T{1});
    a[0] = T{1 << 24};
    double sum = -1;
    Arguments arguments;
    arguments.buffer("a", a.data(), 50'000, dtype_of<T>)
        .buffer("b", b.data(), 50'000, dtype_of<T>)
        .buffer("sum", &sum, 1, DType::f64);
    for (const char* name : {"stream.dot", "stream.read"}) {
        CAPTURE(name);
        sum = -1;
        kernels::find(name)->check(arguments);
        kernels::find(name)->host(arguments, device::host::Cores(2));
        CHECK(sum == (1 << 24) + 49'999);
    }
}

TEST_CASE_TEMPLATE("kernels: triad and axpy are one fused multiply-add", T, float, double) {
    // (1 + e)^2 - (1 + 2e) is e^2; rounding the product first makes it 0.
    const T e = std::numeric_limits<T>::epsilon();
    const T minus = -(1 + 2 * e);
    const T rounded_product = (1 + e) * (1 + e);
    REQUIRE(rounded_product + minus == 0);
    std::vector<T> a(9, 7), b(9, minus), c(9, 1 + e);
    Arguments triad;
    triad.buffer("a", a.data(), 9, dtype_of<T>)
        .buffer("b", b.data(), 9, dtype_of<T>)
        .buffer("c", c.data(), 9, dtype_of<T>)
        .number("scalar", 1 + e);
    kernels::find("stream.triad")->host(triad, device::host::Cores(1));
    CHECK(a == std::vector<T>(9, e * e));
    Arguments axpy;
    axpy.buffer("x", c.data(), 9, dtype_of<T>)
        .buffer("y", b.data(), 9, dtype_of<T>)
        .number("alpha", 1 + e);
    kernels::find("axpy")->host(axpy, device::host::Cores(1));
    CHECK(b == std::vector<T>(9, e * e));
}

TEST_CASE("kernels: fill writes every type") {
    for (const DType dtype : {DType::f32, DType::f64, DType::i32, DType::i64, DType::u8}) {
        with_type(dtype, [&](auto zero) {
            std::vector<decltype(zero)> data(40'001, zero);
            Arguments arguments;
            arguments.buffer("buffer", data.data(), 40'000, dtype).number("value", 42);
            kernels::find("fill")->host(arguments, device::host::Cores(2));
            for (std::size_t i = 0; i < 40'000; ++i) REQUIRE(data[i] == 42);
            CHECK(data.back() == 0);
        });
    }
}

TEST_CASE("kernels: scale doubles whole numbers and wraps around") {
    std::vector<std::int32_t> values{0, 1, -3, 1'500'000'000};
    Arguments arguments;
    arguments.buffer("buffer", values.data(), 4, DType::i32).number("factor", 2);
    const Kernel& scale = *kernels::find("scale");
    scale.check(arguments);
    scale.host(arguments, device::host::Cores(1));
    CHECK(values == std::vector<std::int32_t>{0, 2, -6, -1'294'967'296});
    arguments.set_number("factor", 0.5);
    CHECK_THROWS_WITH_AS(scale.check(arguments),
                         "factor 0.5 does not fit i32 elements of 'buffer' (whole numbers stay "
                         "whole); give a whole factor or another dtype",
                         ConfigError);
}
