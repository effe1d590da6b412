// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/dtype.hpp"

#include <array>
#include <utility>

namespace warpstep {
namespace {

constexpr std::array<std::pair<std::string_view, DType>, 5> names{{{"f32", DType::f32},
                                                                   {"f64", DType::f64},
                                                                   {"i32", DType::i32},
                                                                   {"i64", DType::i64},
                                                                   {"u8", DType::u8}}};

}  // namespace

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
