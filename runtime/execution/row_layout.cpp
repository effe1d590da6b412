// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/row_layout.hpp"

#include <array>
#include <cmath>
#include <cstring>

namespace warpstep::execution {

template <>
float* place_columns(const float* row, std::int64_t begin, std::int64_t end,
                     const RowLayout& layout, float* to) {
    if (layout.scaling.empty()) {
        std::memcpy(to, row + begin, static_cast<std::size_t>(end - begin) * sizeof(float));
        return to + (end - begin);
    }
    for (std::int64_t j = begin; j < end; ++j) *to++ = layout.convert(row[j], j);
    return to;
}

bool all_finite(const float* values, std::int64_t count) {
    // 0 * x is NaN for exactly the values that are not finite. Lanes of a fixed number, because
    // compilers may not reorder one sum.
    constexpr std::int64_t lanes = 32;
    std::array<float, lanes> sums{};
    std::int64_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        for (std::int64_t k = 0; k < lanes; ++k) {
            sums[static_cast<std::size_t>(k)] += 0.0f * values[i + k];
        }
    }
    float sum = 0;
    for (const float lane : sums) sum += lane;
    for (; i < count; ++i) sum += 0.0f * values[i];
    return std::isfinite(sum);
}

}  // namespace warpstep::execution
