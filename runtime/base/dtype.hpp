// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace warpstep {

/// Element types of buffers.
enum class DType { f32, f64, i32, i64, u8 };

/// Size of one element in bytes.
constexpr std::size_t size_of(DType type) {
    switch (type) {
        case DType::f32:
        case DType::i32:
            return 4;
        case DType::f64:
        case DType::i64:
            return 8;
        case DType::u8:
            return 1;
    }
    return 0;
}

constexpr bool is_floating(DType type) {
    return type == DType::f32 || type == DType::f64;
}

/// The name used in workload files: "f32".
std::string_view name_of(DType type);
/// The type of that name, if there is one.
std::optional<DType> parse_dtype(std::string_view name);

/// Calls `body` with a zero of the C++ type of `type`: `with_type(t, [&](auto zero) { … })`.
template <typename Body>
decltype(auto) with_type(DType type, Body&& body) {
    switch (type) {
        case DType::f32:
            return body(float{});
        case DType::f64:
            return body(double{});
        case DType::i32:
            return body(int{});
        case DType::i64:
            return body(static_cast<long long>(0));
        case DType::u8:
            break;
    }
    return body(static_cast<unsigned char>(0));
}

}  // namespace warpstep
