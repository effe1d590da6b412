// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/dtype.hpp"

#include <array>
#include <limits>
#include <type_traits>
#include <utility>

namespace warpstep {
namespace {

constexpr std::array<std::pair<std::string_view, DType>, 8> names{{{"f32", DType::f32},
                                                                   {"f64", DType::f64},
                                                                   {"i32", DType::i32},
                                                                   {"i64", DType::i64},
                                                                   {"u8", DType::u8},
                                                                   {"f16", DType::f16},
                                                                   {"bf16", DType::bf16},
                                                                   {"f8e4m3", DType::f8e4m3}}};

}  // namespace

FloatFormat format_of(DType type) {
    return with_type(type, [](auto zero) -> FloatFormat {
        using T = decltype(zero);
        if constexpr (std::is_floating_point_v<T>) {
            using Limits = std::numeric_limits<T>;
            return {Limits::digits, Limits::min_exponent - 1};
        } else if constexpr (std::is_class_v<T>) {
            return {T::digits, T::least_exponent};
        } else {
            return {};
        }
    });
}

std::string_view name_of(DType type) {
    for (const auto& [name, value] : names) {
        if (value == type) return name;
    }
    return "?";
}

std::optional<DType> parse_dtype(std::string_view name) {
    for (const auto& [text, value] : names) {
        if (text == name) return value;
    }
    return std::nullopt;
}

}  // namespace warpstep
