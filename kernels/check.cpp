// SPDX-License-Identifier: Apache-2.0
#include "kernels/check.hpp"

#include "runtime/base/error.hpp"

namespace warpstep::kernels {

void check_floating(const Arguments& arguments, const std::vector<std::string_view>& names) {
    const DType dtype = arguments.common_dtype(names);
    if (!is_floating(dtype)) {
        fail<ConfigError>("'{}' is {} (this kernel computes in f32 or f64); change its dtype",
                          names.front(), name_of(dtype));
    }
}

void check_no_overlap(const Arguments& arguments, const std::vector<std::string_view>& names) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        const Argument& a = arguments.buffer(names[i]);
        const auto* begin = static_cast<const char*>(a.data);
        const auto* end = begin + static_cast<std::size_t>(a.count) * size_of(a.dtype);
        for (std::size_t j = i + 1; j < names.size(); ++j) {
            const Argument& b = arguments.buffer(names[j]);
            const auto* other = static_cast<const char*>(b.data);
            const auto* other_end = other + static_cast<std::size_t>(b.count) * size_of(b.dtype);
            if (begin < other_end && other < end) {
                fail<ConfigError>(
                    "'{}' and '{}' overlap (the result would be undefined); use two buffers",
                    a.name, b.name);
            }
        }
    }
}

void check_vectors(const Arguments& arguments, const std::vector<std::string_view>& names) {
    check_floating(arguments, names);
    check_no_overlap(arguments, names);
    const Argument& first = arguments.buffer(names.front());
    for (const auto name : names) {
        const Argument& other = arguments.buffer(name);
        if (other.count != first.count) {
            fail<ConfigError>(
                "'{}' has {} elements but '{}' has {} (they must have equally many); "
                "change a count",
                first.name, first.count, other.name, other.count);
        }
    }
}

}  // namespace warpstep::kernels
