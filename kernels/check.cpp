// SPDX-License-Identifier: Apache-2.0
#include "kernels/check.hpp"

#include "runtime/base/error.hpp"

namespace warpstep::kernels {

void check_floating(const Arguments& arguments, const std::vector<std::string_view>& names) {
    const DType dtype = arguments.common_dtype(names);
    if (dtype != DType::f32 && dtype != DType::f64) {
        fail<ConfigError>("'{}' is {} (this kernel computes in f32 or f64); change its dtype",
                          names.front(), name_of(dtype));
    }
}

void check_computable(const Argument& buffer) {
    const DType dtype = buffer.dtype;
    if (dtype == DType::f32 || dtype == DType::f64 || dtype == DType::i32 || dtype == DType::i64) {
        return;
    }
    fail<ConfigError>("'{}' is {} (this kernel computes in f32, f64, i32 or i64); change its dtype",
                      buffer.name, name_of(dtype));
}

void check_result(const Argument& buffer, DType dtype, std::int64_t count) {
    if (buffer.dtype == dtype && buffer.count == count) return;
    fail<ConfigError>("'{}' is {} {} (the result is {} {}); use dtype: {}, count: {}", buffer.name,
                      buffer.count, name_of(buffer.dtype), count, name_of(dtype), name_of(dtype),
                      count);
}

void check_report(const Argument& buffer, std::int64_t count) {
    if (buffer.dtype == DType::i64 && buffer.count >= count) return;
    fail<ConfigError>("'{}' is {} {} (a report needs {} i64); use dtype: i64, count: {}",
                      buffer.name, buffer.count, name_of(buffer.dtype), count, count);
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
    check_equal_vectors(arguments, names);
}

void check_equal_vectors(const Arguments& arguments, const std::vector<std::string_view>& names) {
    arguments.common_dtype(names);
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
