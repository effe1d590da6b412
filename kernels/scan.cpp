// SPDX-License-Identifier: Apache-2.0
#include "kernels/scan.hpp"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "kernels/check.hpp"
#include "runtime/base/error.hpp"

namespace warpstep::kernels {
namespace {

constexpr std::int64_t part_elements = std::int64_t{1} << 16;

// Sums of integers wrap around, which only unsigned ones may.
template <typename T>
T add(T a, T b) {
    if constexpr (std::is_floating_point_v<T>) {
        return a + b;
    } else {
        using U = std::make_unsigned_t<T>;
        return static_cast<T>(static_cast<U>(a) + static_cast<U>(b));
    }
}

/// Sums of the parts first, then every part from where the ones before it end.
template <typename T>
void scan_all(const T* x, T* y, std::int64_t n, bool inclusive, const device::host::Cores& cores) {
    const std::int64_t count = (n + part_elements - 1) / part_elements;
    std::vector<T> before(static_cast<std::size_t>(count) + 1, T{0});
    const auto each_part = [&](auto&& body) {
        cores.for_range(count, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t part = first; part < last; ++part) {
                body(part, part * part_elements, std::min(n, (part + 1) * part_elements));
            }
        });
    };
    each_part([&](std::int64_t part, std::int64_t begin, std::int64_t end) {
        T sum{0};
        for (std::int64_t i = begin; i < end; ++i) sum = add(sum, x[i]);
        before[static_cast<std::size_t>(part) + 1] = sum;
    });
    for (std::size_t part = 1; part < before.size(); ++part) {
        before[part] = add(before[part - 1], before[part]);
    }
    each_part([&](std::int64_t part, std::int64_t begin, std::int64_t end) {
        T sum = before[static_cast<std::size_t>(part)];
        for (std::int64_t i = begin; i < end; ++i) {
            const T next = add(sum, x[i]);
            y[i] = inclusive ? next : sum;
            sum = next;
        }
    });
}

}  // namespace

void check_scan(const Arguments& arguments) {
    check_computable(arguments.buffer("x"));
    check_equal_vectors(arguments, {"x", "y"});
}

void scan(const Arguments& arguments, const device::host::Cores& cores) {
    const Argument& x = arguments.buffer("x");
    const bool inclusive = arguments.word("kind") == "inclusive";
    with_computable(x.dtype, [&](auto zero) {
        using T = decltype(zero);
        scan_all(static_cast<const T*>(x.data), static_cast<T*>(arguments.buffer("y").data),
                 x.count, inclusive, cores);
    });
}

}  // namespace warpstep::kernels
