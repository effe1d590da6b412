// SPDX-License-Identifier: Apache-2.0
// How a row of a table becomes inputs and a target, f32.
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace warpstep::data {

/// (value - mean) / deviation.
struct Scaling {
    double mean = 0, deviation = 1;
    double operator()(double value) const { return (value - mean) / deviation; }
};

struct RowLayout {
    std::int64_t columns = 1;      ///< of the table, the target included
    std::int64_t target = 0;       ///< its column
    bool intercept = false;        ///< append a constant 1 to the inputs
    std::vector<Scaling> scaling;  ///< of every column; empty: values as they are

    std::int64_t features() const { return columns - 1 + (intercept ? 1 : 0); }
    float convert(double value, std::int64_t column) const {
        return static_cast<float>(
            scaling.empty() ? value : scaling[static_cast<std::size_t>(column)](value));
    }
};

/// Columns [begin, end) of a row to `to`; returns the end of what was written.
template <typename T>
float* place_columns(const T* row, std::int64_t begin, std::int64_t end, const RowLayout& layout,
                     float* to) {
    if (!layout.scaling.empty()) {
        for (std::int64_t j = begin; j < end; ++j) {
            *to++ = layout.convert(static_cast<double>(row[j]), j);
        }
        return to;
    }
    if constexpr (std::is_same_v<T, float>) {  // compilers do not see that this is a copy
        return std::copy(row + begin, row + end, to);
    }
    return std::transform(row + begin, row + end, to,
                          [](T value) { return static_cast<float>(value); });
}

/// One row to inputs [features] and one target.
template <typename T>
void place_row(const T* row, const RowLayout& layout, float* inputs, float* target) {
    inputs = place_columns(row, 0, layout.target, layout, inputs);
    place_columns(row, layout.target, layout.target + 1, layout, target);
    const std::int64_t after = layout.target + 1;
    if (after < layout.columns) {
        inputs = place_columns(row, after, layout.columns, layout, inputs);
    }
    if (layout.intercept) *inputs = 1;
}

/// Rows of f32 that stand together, as they are (`layout` scales nothing): inputs [count,
/// features], targets [count]. Returns whether there is neither a NaN nor an infinity among them;
/// if not, they are placed all the same. One pass over the rows.
bool place_rows(const float* rows, std::int64_t count, const RowLayout& layout, float* inputs,
                float* targets);

/// Whether there is neither a NaN nor an infinity.
bool all_finite(const float* values, std::int64_t count);

}  // namespace warpstep::data
