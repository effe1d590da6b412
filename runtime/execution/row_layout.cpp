// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/row_layout.hpp"

#include <cmath>
#include <cstring>

namespace warpstep::execution {

bool all_finite(const float* values, std::int64_t count) {
    // 0 * x is NaN for exactly the values that are not finite. Lanes by hand, because compilers may
    // not reorder one sum; two of them, so that additions do not wait for each other.
    typedef float Lanes __attribute__((vector_size(64)));
    constexpr std::int64_t lanes = sizeof(Lanes) / sizeof(float);
    Lanes sums{}, more{};
    std::int64_t i = 0;
    for (; i + 2 * lanes <= count; i += 2 * lanes) {
        Lanes x, y;
        std::memcpy(&x, values + i, sizeof x);
        std::memcpy(&y, values + i + lanes, sizeof y);
        sums += 0.0f * x;
        more += 0.0f * y;
    }
    sums += more;
    float sum = 0;
    for (int k = 0; k < lanes; ++k) sum += sums[k];
    for (; i < count; ++i) sum += 0.0f * values[i];
    return std::isfinite(sum);
}

}  // namespace warpstep::execution
