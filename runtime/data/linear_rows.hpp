// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/data/row_source.hpp"

namespace warpstep::data {

/// `generate: { linear: … }`, evaluated.
struct LinearRecipe {
    std::int64_t samples = 1, features = 1;
    double noise = 0;  ///< standard deviation
    std::uint64_t seed = 0;
};

/// Standard normal inputs, target = inputs . weights + noise; a row depends on (seed, index)
/// alone. Inputs and weights are exact in f32.
std::unique_ptr<RowSource> linear_rows(const LinearRecipe& recipe);
/// [features], standard normal.
std::vector<float> true_weights(const LinearRecipe& recipe);

}  // namespace warpstep::data
