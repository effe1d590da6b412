// SPDX-License-Identifier: Apache-2.0
#include "kernels/transpose.hpp"

#include <algorithm>

#include "kernels/check.hpp"
#include "runtime/base/error.hpp"

namespace warpstep::kernels {
namespace {

constexpr std::int64_t tile = 32;  ///< two of them stay in a first-level cache

template <typename T>
void transpose_columns(const T* x, T* result, Extents size, std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = 0; i < size.rows; i += tile) {
        const std::int64_t last = std::min(size.rows, i + tile);
        for (std::int64_t j = begin; j < end; ++j) {
            for (std::int64_t k = i; k < last; ++k) {
                result[j * size.rows + k] = x[k * size.columns + j];
            }
        }
    }
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
    const Argument& matrix = arguments.buffer("from");
    const Extents size = arguments.matrix("from");
    with_bits(matrix.dtype, [&](auto zero) {
        using T = decltype(zero);
        const auto* from = static_cast<const T*>(matrix.data);
        auto* to = static_cast<T*>(arguments.buffer("to").data);
        // The cores share the elements; whose column begins where is all that they need of it.
        cores.for_range(matrix.count, [=](std::int64_t begin, std::int64_t end) {
            const auto column = [&](std::int64_t at) { return at / size.rows; };
            const std::int64_t last = end == matrix.count ? size.columns : column(end);
            for (std::int64_t j = column(begin); j < last; j += tile) {
                transpose_columns(from, to, size, j, std::min(last, j + tile));
            }
        });
    });
}

}  // namespace warpstep::kernels
