// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/dtype.hpp"

#include <limits>
#include <type_traits>

namespace warpstep {

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
    for (const auto& [name, value] : dtype_names) {
        if (value == type) return name;
    }
    return "?";
}

std::optional<DType> parse_dtype(std::string_view name) {
    for (const auto& [text, value] : dtype_names) {
        if (text == name) return value;
    }
    return std::nullopt;
}

}  // namespace warpstep
