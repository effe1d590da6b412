// SPDX-License-Identifier: Apache-2.0
// What a gemm's arguments say, and what it refuses.
#include <algorithm>
#include <array>
#include <limits>

#include "kernels/check.hpp"
#include "kernels/gemm.hpp"
#include "runtime/base/error.hpp"

namespace warpstep::kernels {
namespace {

// Words and values that a caller beside the workload loader leaves out are at their defaults.
bool says(const Arguments& arguments, std::string_view name, std::string_view word) {
    return arguments.has(name) && arguments.word(name) == word;
}
double number_or(const Arguments& arguments, std::string_view name, double otherwise) {
    return arguments.has(name) ? arguments.number(name) : otherwise;
}

std::string shape_of(const Arguments& arguments, std::string_view name) {
    const Extents extents = arguments.matrix(name);
    return fmt::format("'{}' is [{}, {}]", name, extents.rows, extents.columns);
}

void check_shapes(const Arguments& arguments) {
    const Gemm gemm = gemm_of(arguments);
    const Extents b = arguments.matrix("b");
    const Extents c = arguments.matrix("c");
    if ((gemm.transpose_b ? b.columns : b.rows) != gemm.k) {
        fail<ConfigError>(
            "{} but {}{} ({} columns of the first meet {} rows of the second); change a shape",
            shape_of(arguments, "a") + (gemm.transpose_a ? ", transposed," : ""),
            shape_of(arguments, "b"), gemm.transpose_b ? ", transposed" : "", gemm.k,
            gemm.transpose_b ? b.columns : b.rows);
    }
    if (c.rows != gemm.m || c.columns != gemm.n) {
        fail<ConfigError>("{} but the product of 'a' and 'b' is [{}, {}]; change a shape",
                          shape_of(arguments, "c"), gemm.m, gemm.n);
    }
    if (std::max({gemm.m, gemm.n, gemm.k}) > std::numeric_limits<int>::max()) {
        fail<ConfigError>("{} (extents end at {}); use smaller matrices", shape_of(arguments, "c"),
                          std::numeric_limits<int>::max());
    }
}

void check_types(const Arguments& arguments) {
    struct Accepted {
        DType input;
        std::array<DType, 3> outputs;
        const char* text;
    };
    constexpr std::array<Accepted, 5> accepted{
        {{DType::f64, {DType::f64, DType::f64, DType::f64}, "f64"},
         {DType::f32, {DType::f32, DType::f32, DType::f32}, "f32"},
         {DType::f16, {DType::f16, DType::f32, DType::f32}, "f16 or f32"},
         {DType::bf16, {DType::bf16, DType::f32, DType::f32}, "bf16 or f32"},
         {DType::f8e4m3, {DType::f32, DType::bf16, DType::f16}, "f32, bf16 or f16"}}};
    const DType input = arguments.common_dtype({"a", "b"});
    const DType output = arguments.buffer("c").dtype;
    const auto row = std::find_if(accepted.begin(), accepted.end(),
                                  [&](const Accepted& entry) { return entry.input == input; });
    if (row == accepted.end()) {
        fail<ConfigError>(
            "'a' and 'b' are {} (matrices are multiplied in f64, f32, f16, bf16 or f8e4m3); change "
            "their dtype",
            name_of(input));
    }
    if (std::find(row->outputs.begin(), row->outputs.end(), output) == row->outputs.end()) {
        fail<ConfigError>("'c' is {} but 'a' and 'b' are {} (their product is {}); change a dtype",
                          name_of(output), name_of(input), row->text);
    }
}

void check_words(const Arguments& arguments) {
    const DType input = arguments.buffer("a").dtype;
    const auto refuse = [&](const char* word, const char* why) {
        fail<ConfigError>("compute: {} does not fit 'a' and 'b', which are {} ({}); remove it",
                          word, name_of(input), why);
    };
    if (says(arguments, "compute", "f32") && input == DType::f64) {
        refuse("f32", "products of f64 are added in f64");
    }
    if (says(arguments, "compute", "tf32") && input != DType::f32) {
        refuse("tf32", "it is a way to multiply f32");
    }
    if (says(arguments, "compute", "fast") && input != DType::f8e4m3) {
        refuse("fast", "it is a way to multiply f8e4m3");
    }
}

void check_eight_bits(const Arguments& arguments) {
    const Gemm gemm = gemm_of(arguments);
    if (gemm.input != DType::f8e4m3) return;
    if (!gemm.transpose_b || gemm.transpose_a) {
        fail<ConfigError>(
            "f8e4m3 with transpose_a: {} and transpose_b: {} (tensor cores read both operands "
            "along k); store b as [n, k] and write transpose_b: yes",
            gemm.transpose_a ? "yes" : "no", gemm.transpose_b ? "yes" : "no");
    }
    if (gemm.k % 16 != 0 || gemm.n % 16 != 0) {
        fail<ConfigError>(
            "{} and {} (f8e4m3 needs rows and columns of 'b' in multiples of 16); change a shape",
            shape_of(arguments, "a"), shape_of(arguments, "b"));
    }
    for (const char* name : {"a", "b", "c"}) {
        const void* data = arguments.buffer(name).data;
        if (reinterpret_cast<std::uintptr_t>(data) % 16 == 0) continue;
        fail<ConfigError>(
            "'{}' begins at {} (f8e4m3 needs multiples of 16 bytes); use a buffer of "
            "its own",
            name, data);
    }
}

}  // namespace

Gemm gemm_of(const Arguments& arguments) {
    Gemm gemm;
    gemm.transpose_a = says(arguments, "transpose_a", "yes");
    gemm.transpose_b = says(arguments, "transpose_b", "yes");
    const Extents a = arguments.matrix("a");
    const Extents b = arguments.matrix("b");
    gemm.m = gemm.transpose_a ? a.columns : a.rows;
    gemm.k = gemm.transpose_a ? a.rows : a.columns;
    gemm.n = gemm.transpose_b ? b.rows : b.columns;
    gemm.input = arguments.buffer("a").dtype;
    gemm.output = arguments.buffer("c").dtype;
    gemm.a = arguments.buffer("a").data;
    gemm.b = arguments.buffer("b").data;
    gemm.c = arguments.buffer("c").data;
    gemm.alpha = number_or(arguments, "alpha", 1);
    gemm.beta = number_or(arguments, "beta", 0);
    gemm.tf32 = says(arguments, "compute", "tf32");
    gemm.fast = says(arguments, "compute", "fast");
    // Everything but f64 is scaled in f32.
    if (gemm.output != DType::f64) {
        gemm.alpha = static_cast<float>(gemm.alpha);
        gemm.beta = static_cast<float>(gemm.beta);
    }
    return gemm;
}

void check_gemm_naive(const Arguments& arguments) {
    check_types(arguments);
    check_words(arguments);
    check_shapes(arguments);
    // a and b may be one buffer: the square of a matrix.
    check_no_overlap(arguments, {"a", "c"});
    check_no_overlap(arguments, {"b", "c"});
}

void check_gemm(const Arguments& arguments) {
    check_gemm_naive(arguments);
    check_eight_bits(arguments);
}

double gemm_bytes(const Arguments& arguments) {
    const Gemm gemm = gemm_of(arguments);
    const auto c = static_cast<double>(arguments.buffer("c").bytes());
    return static_cast<double>(arguments.buffer("a").bytes()) +
           static_cast<double>(arguments.buffer("b").bytes()) + (gemm.beta == 0 ? c : 2 * c);
}

double gemm_flops(const Arguments& arguments) {
    const Gemm gemm = gemm_of(arguments);
    return 2 * static_cast<double>(gemm.m) * static_cast<double>(gemm.n) *
           static_cast<double>(gemm.k);
}

}  // namespace warpstep::kernels
