// SPDX-License-Identifier: Apache-2.0
#include "kernels/fill.hpp"

#include <cmath>
#include <limits>

#include "runtime/base/error.hpp"

namespace warpstep::kernels {

void check_fill(const Arguments& arguments) {
    const Argument& buffer = arguments.buffer("buffer");
    const double value = arguments.number("value");
    if (is_floating(buffer.dtype)) return;
    const bool fits = with_type(buffer.dtype, [&](auto zero) {
        using T = decltype(zero);
        // One above the largest is exact in double even where the largest is not (2^63 - 1).
        return value >= static_cast<double>(std::numeric_limits<T>::lowest()) &&
               value < static_cast<double>(std::numeric_limits<T>::max()) + 1 &&
               value == std::floor(value);
    });
    if (!fits) {
        fail<ConfigError>("value {} does not fit {} elements of '{}'; give another value or dtype",
                          value, name_of(buffer.dtype), buffer.name);
    }
}

void fill(const Arguments& arguments, const device::host::Cores& cores) {
    const Argument& buffer = arguments.buffer("buffer");
    with_type(buffer.dtype, [&](auto zero) {
        using T = decltype(zero);
        T* data = static_cast<T*>(buffer.data);
        const auto value = static_cast<T>(arguments.number("value"));
        cores.for_range(buffer.count, [=](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) data[i] = value;
        });
    });
}

}  // namespace warpstep::kernels
