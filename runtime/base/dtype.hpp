// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "runtime/base/narrow_float.hpp"

namespace warpstep {

/// Element types of buffers. The narrow floating types are storage: kernels for matrices compute
/// with them, everything else converts, copies or communicates them.
enum class DType { f32, f64, i32, i64, u8, f16, bf16, f8e4m3 };

/// Size of one element in bytes.
constexpr std::size_t size_of(DType type) {
    switch (type) {
        case DType::f32:
        case DType::i32:
            return 4;
        case DType::f64:
        case DType::i64:
            return 8;
        case DType::f16:
        case DType::bf16:
            return 2;
        case DType::u8:
        case DType::f8e4m3:
            return 1;
    }
    return 0;
}

constexpr bool is_floating(DType type) {
    return type != DType::i32 && type != DType::i64 && type != DType::u8;
}

/// Digits of the significand and exponent of the smallest normal number, of a floating type.
struct FloatFormat {
    int digits = 0;
    int least_exponent = 0;
};
FloatFormat format_of(DType type);

/// The names used in workload files.
inline constexpr std::array<std::pair<std::string_view, DType>, 8> dtype_names{
    {{"f32", DType::f32},
     {"f64", DType::f64},
     {"i32", DType::i32},
     {"i64", DType::i64},
     {"u8", DType::u8},
     {"f16", DType::f16},
     {"bf16", DType::bf16},
     {"f8e4m3", DType::f8e4m3}}};

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
        case DType::f16:
            return body(Float16{});
        case DType::bf16:
            return body(BFloat16{});
        case DType::f8e4m3:
            return body(Float8E4M3{});
        case DType::u8:
            break;
    }
    return body(static_cast<unsigned char>(0));
}

}  // namespace warpstep
