// SPDX-License-Identifier: Apache-2.0
// Checks that several kernels make of their arguments before a launch.
#pragma once

#include <string_view>
#include <vector>

#include "kernels/arguments.hpp"

namespace warpstep::kernels {

/// All buffers named have one floating type and the same number of elements, and none overlaps
/// another. Errors: ConfigError that names the two buffers.
void check_vectors(const Arguments& arguments, const std::vector<std::string_view>& names);
/// No two of the buffers share a byte. Errors: ConfigError that names both.
void check_no_overlap(const Arguments& arguments, const std::vector<std::string_view>& names);
/// The common type of the buffers is f32 or f64. Errors: ConfigError.
void check_floating(const Arguments& arguments, const std::vector<std::string_view>& names);

/// All buffers named have one type and the same number of elements, and none overlaps another.
/// Errors: ConfigError that names the two buffers.
void check_equal_vectors(const Arguments& arguments, const std::vector<std::string_view>& names);
/// f32, f64, i32 or i64: what kernels compute in. Errors: ConfigError.
void check_computable(const Argument& buffer);
/// A buffer that takes `count` elements of one type and no more. Errors: ConfigError.
void check_result(const Argument& buffer, DType dtype, std::int64_t count);
/// A buffer that takes at least `count` elements of one type. Errors: ConfigError.
void check_report(const Argument& buffer, std::int64_t count);

/// Calls body() with a zero of the type, which check_computable() has accepted.
template <typename Body>
void with_computable(DType dtype, Body&& body) {
    switch (dtype) {
        case DType::f32:
            return body(float{});
        case DType::f64:
            return body(double{});
        case DType::i32:
            return body(int{});
        default:
            return body(static_cast<long long>(0));
    }
}

/// Calls body() with a zero of an unsigned type of the element's size, for kernels that only move
/// elements.
template <typename Body>
void with_bits(DType dtype, Body&& body) {
    switch (size_of(dtype)) {
        case 1:
            return body(static_cast<unsigned char>(0));
        case 2:
            return body(static_cast<unsigned short>(0));
        case 4:
            return body(0U);
        default:
            return body(0ULL);
    }
}

/// Calls body(float{}) or body(double{}) by the common type of the buffers named.
template <typename Body>
void with_floating(const Arguments& arguments, const std::vector<std::string_view>& names,
                   Body&& body) {
    if (arguments.common_dtype(names) == DType::f32) {
        body(float{});
    } else {
        body(double{});
    }
}

}  // namespace warpstep::kernels
