// SPDX-License-Identifier: Apache-2.0
#include "kernels/catalog.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace warpstep;
using kernels::Arguments;
using kernels::Kernel;
using Role = kernels::Parameter::Role;

namespace {

const Kernel& kernel(std::string_view name) {
    const Kernel* found = kernels::find(name);
    REQUIRE(found != nullptr);
    return *found;
}

// Only counts and types matter for the formulas, so nothing stands behind the pointers.
Arguments vectors(std::int64_t n, DType dtype, const std::vector<std::string>& names) {
    Arguments arguments;
    for (const auto& name : names) arguments.buffer(name, nullptr, n, dtype);
    return arguments;
}

}  // namespace

TEST_CASE("kernels: the names of the catalog are sorted and unique") {
    const auto& all = kernels::catalog();
    REQUIRE(!all.empty());
    CHECK(std::is_sorted(all.begin(), all.end(),
                         [](const Kernel& a, const Kernel& b) { return a.name < b.name; }));
    std::set<std::string> names;
    for (const auto& entry : all) names.insert(entry.name);
    CHECK(names.size() == all.size());
}

TEST_CASE("kernels: every entry of the catalog is complete") {
    for (const auto& entry : kernels::catalog()) {
        CAPTURE(entry.name);
        CHECK(kernels::find(entry.name) == &entry);
        CHECK(!entry.summary.empty());
        CHECK(!entry.bytes_formula.empty());
        CHECK(!entry.flops_formula.empty());
        const bool has_functions = entry.bytes != nullptr && entry.flops != nullptr &&
                                   entry.check != nullptr && entry.host != nullptr;
        CHECK(has_functions);
        std::set<std::string> parameters;
        bool writes = false;
        for (const auto& parameter : entry.parameters) {
            CAPTURE(parameter.name);
            parameters.insert(parameter.name);
            const bool is_buffer = parameter.role != Role::value && parameter.role != Role::word;
            CHECK(is_buffer == !parameter.types.empty());
            CHECK(is_buffer == !parameter.shape.empty());
            CHECK((parameter.optional || parameter.example.has_value()));
            CHECK((parameter.role == Role::word) == !parameter.words.empty());
            writes = writes || parameter.role == Role::write || parameter.role == Role::update;
        }
        CHECK(parameters.size() == entry.parameters.size());
        // A kernel that only takes time has no result.
        CHECK(writes == (entry.name != "spin"));
        CHECK((entry.report.empty() || parameters.count("report") == 1));
        for (const auto& number : entry.report) CHECK_FALSE(number.meaning.empty());
    }
}

TEST_CASE("kernels: a name that nobody has is not found") {
    CHECK(kernels::find("stream.traid") == nullptr);
    CHECK(kernels::find("") == nullptr);
}

TEST_CASE("kernels: bytes and flops of the kernels over vectors and memory") {
    struct Row {
        const char* name;
        std::vector<std::string> buffers;
        double bytes_f32, flops;
    };
    const Row rows[] = {{"axpy", {"x", "y"}, 12, 2},
                        {"fill", {"buffer"}, 4, 0},
                        {"scale", {"buffer"}, 8, 1},
                        {"stream.add", {"a", "b", "c"}, 12, 1},
                        {"stream.copy", {"a", "c"}, 8, 0},
                        {"stream.dot", {"a", "b"}, 8, 2},
                        {"stream.mul", {"b", "c"}, 8, 1},
                        {"stream.nstream", {"a", "b", "c"}, 16, 3},
                        {"stream.read", {"a"}, 4, 1},
                        {"stream.write", {"a"}, 4, 0},
                        {"reduction", {"x"}, 4, 1},
                        {"scan", {"x"}, 8, 1},
                        {"histogram", {"x"}, 4, 0},
                        {"checksum", {"x"}, 4, 0},
                        {"transpose", {"from"}, 8, 0},
                        {"memtest.walking_bit", {"buffer"}, 4 * 128, 0},
                        {"memtest.moving_inversions", {"buffer"}, 4 * 8, 0},
                        {"memtest.own_address", {"buffer"}, 4 * 4, 0},
                        {"memtest.random", {"buffer"}, 4 * 4, 0},
                        {"memtest.bit_fade", {"buffer"}, 4 * 4, 0},
                        {"stream.triad", {"a", "b", "c"}, 12, 2}};
    for (const auto& row : rows) {
        CAPTURE(row.name);
        const Kernel& entry = kernel(row.name);
        for (const double n : {0.0, 1.0, 1e9}) {
            const auto count = static_cast<std::int64_t>(n);
            const auto single = vectors(count, DType::f32, row.buffers);
            const auto twice = vectors(count, DType::f64, row.buffers);
            CHECK(entry.bytes(single) == row.bytes_f32 * n);
            CHECK(entry.bytes(twice) == 2 * row.bytes_f32 * n);
            CHECK(entry.flops(single) == row.flops * n);
        }
    }
}

TEST_CASE("kernels: bytes and flops of the kernels over rows") {
    Arguments arguments;
    arguments.buffer("x", nullptr, 64 * 11, DType::f32)
        .buffer("y", nullptr, 64, DType::f32)
        .buffer("w", nullptr, 11, DType::f32);
    for (const char* name : {"linear.gradient", "linear.squared_error"}) {
        CHECK(kernel(name).bytes(arguments) == 64 * 12 * 4);
    }
    CHECK(kernel("linear.gradient").flops(arguments) == 4 * 64 * 11);
    CHECK(kernel("linear.squared_error").flops(arguments) == 64 * (2 * 11 + 2));
}
