// SPDX-License-Identifier: Apache-2.0
#include "kernels/transpose.hpp"

#include <algorithm>
#include <cstring>

#include "kernels/check.hpp"
#include "runtime/base/error.hpp"

namespace warpstep::kernels {
namespace {

constexpr std::int64_t tile =
    32;  // a tile of 8-byte elements of both sides stays in the first cache

template <typename T>
void transpose_all(const T* from, T* to, Extents extents, const device::host::Cores& cores) {
    const auto [rows, columns] = extents;
    cores.for_range((rows + tile - 1) / tile, [=](std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first * tile; i < std::min(rows, last * tile); i += tile) {
            const std::int64_t i_end = std::min({rows, last * tile, i + tile});
            for (std::int64_t j = 0; j < columns; j += tile) {
                const std::int64_t j_end = std::min(columns, j + tile);
                for (std::int64_t r = i; r < i_end; ++r) {
                    for (std::int64_t c = j; c < j_end; ++c)
                        to[c * rows + r] = from[r * columns + c];
                }
            }
        }
    });
}

}  // namespace

void check_transpose(const Arguments& arguments) {
    arguments.common_dtype({"from", "to"});
    const Extents from = arguments.matrix("from");
    const Extents to = arguments.matrix("to");
    if (to.rows != from.columns || to.columns != from.rows) {
        fail<ConfigError>(
            "'from' is {} x {} and 'to' is {} x {} (the transpose is {} x {}); use shape: "
            "[{}, {}]",
            from.rows, from.columns, to.rows, to.columns, from.columns, from.rows, from.columns,
            from.rows);
    }
    check_no_overlap(arguments, {"from", "to"});
}

void transpose(const Arguments& arguments, const device::host::Cores& cores) {
    const Argument& from = arguments.buffer("from");
    with_bits(from.dtype, [&](auto zero) {
        using T = decltype(zero);
        transpose_all(static_cast<const T*>(from.data),
                      static_cast<T*>(arguments.buffer("to").data), arguments.matrix("from"),
                      cores);
    });
}

}  // namespace warpstep::kernels
