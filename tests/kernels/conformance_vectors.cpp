// SPDX-License-Identifier: Apache-2.0
// Conformance of the kernels over vectors and over rows.
#include <limits>

#include "tests/kernels/conformance.hpp"

namespace warpstep::test {
namespace {

constexpr DType floating[] = {DType::f32, DType::f64};

/// All sizes and types, aligned, all one element off, and each one differently.
std::vector<Case> vector_cases(const std::vector<std::string>& names,
                               const std::vector<std::string>& single = {},
                               const std::map<std::string, double>& numbers = {}) {
    std::vector<Case> cases;
    for (const DType dtype : floating) {
        for (const std::int64_t n : sizes_for(dtype)) {
            for (const int shift : {0, 1, 2}) {
                Case one{{}, numbers};
                int offset = shift == 1 ? 1 : 0;
                for (const auto& name : names) {
                    one.operands.push_back({name, dtype, {n}, Content::uniform, offset});
                    if (shift == 2) ++offset;
                }
                for (const auto& name : single) {
                    one.operands.push_back({name, DType::f64, {1}, Content::whatever});
                }
                cases.push_back(one);
            }
        }
    }
    return cases;
}

std::vector<Case> fill_cases() {
    std::vector<Case> cases;
    for (const DType dtype : {DType::f32, DType::f64, DType::i32, DType::i64, DType::u8, DType::f16,
                              DType::bf16, DType::f8e4m3}) {
        for (const std::int64_t n : sizes_for(dtype)) {
            for (const int offset : {0, 1}) {
                cases.push_back(
                    {{{"buffer", dtype, {n}, Content::whatever, offset}}, {{"value", 42}}});
            }
        }
    }
    return cases;
}

std::vector<Case> scale_cases() {
    std::vector<Case> cases;
    for (const DType dtype : {DType::f32, DType::f64, DType::i32, DType::i64}) {
        for (const std::int64_t n : sizes_for(dtype)) {
            for (const int offset : {0, 1}) {
                cases.push_back({{{"buffer", dtype, {n}, Content::uniform, offset}},
                                 {{"factor", is_floating(dtype) ? 0.4 : 3}}});
            }
        }
    }
    return cases;
}

double count_of(const Case& one) {
    return static_cast<double>(one.operands.front().shape.front());
}

/// Both sides add in double; the terms are below 4.
Tolerance sum_in_double(const Case& one) {
    return {4e-14 * count_of(one), 0};
}

std::vector<Case> row_cases(bool gradient) {
    std::vector<Case> cases;
    for (const DType dtype : floating) {
        for (const std::int64_t rows : {0, 1, 63, 64, 65, 1000}) {
            for (const std::int64_t features : {1, 2, 11, 33, 300}) {
                Case one{{{"x", dtype, {rows * features}},
                          {"y", dtype, {rows}},
                          {"w", dtype, {features}}}};
                if (gradient) {
                    one.operands.push_back({"grad", dtype, {features}, Content::whatever, 1});
                } else {
                    one.operands.push_back({"error", DType::f64, {1}, Content::whatever});
                }
                cases.push_back(one);
            }
        }
    }
    return cases;
}

/// Sums in double over the rows, rounded to the buffer's type once.
Tolerance rows_in_double(const Case& one) {
    const auto elements = static_cast<double>(one.operands[0].shape.front());
    const auto features = static_cast<double>(one.operands[2].shape.front());
    const DType out = one.operands[3].dtype;
    const double rounding = out == DType::f32 ? std::numeric_limits<float>::epsilon() : 0;
    return {1e-13 * (elements + 1) * features, rounding + 1e-14};
}

}  // namespace

std::vector<Suite> suites_of_vectors() {
    return {
        {"axpy", vector_cases({"x", "y"}, {}, {{"alpha", 0.4}})},
        {"fill", fill_cases()},
        {"scale", scale_cases()},
        {"stream.add", vector_cases({"a", "b", "c"})},
        {"stream.copy", vector_cases({"a", "c"})},
        {"stream.dot", vector_cases({"a", "b"}, {"sum"}), sum_in_double},
        {"stream.mul", vector_cases({"b", "c"}, {}, {{"scalar", 0.4}})},
        {"stream.nstream", vector_cases({"a", "b", "c"}, {}, {{"scalar", 0.4}})},
        {"stream.read", vector_cases({"a"}, {"sum"}), sum_in_double},
        {"stream.triad", vector_cases({"a", "b", "c"}, {}, {{"scalar", 0.4}})},
        {"stream.write", vector_cases({"a"}, {}, {{"scalar", 0.4}})},
    };
}

std::vector<Suite> suites_of_rows() {
    return {{"linear.gradient", row_cases(true), rows_in_double},
            {"linear.squared_error", row_cases(false), rows_in_double}};
}

}  // namespace warpstep::test
