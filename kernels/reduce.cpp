// SPDX-License-Identifier: Apache-2.0
#include "kernels/reduce.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/check.hpp"
#include "runtime/base/error.hpp"

namespace warpstep::kernels {
namespace {

constexpr std::int64_t part_elements = std::int64_t{1} << 16;

/// The value that changes nothing.
template <typename A>
A start_of(const std::string& op) {
    using Limits = std::numeric_limits<A>;
    if (op == "sum") return A{0};
    if constexpr (Limits::has_infinity)
        return op == "min" ? Limits::infinity() : -Limits::infinity();
    return op == "min" ? Limits::max() : Limits::lowest();
}

double combine(const std::string& op, double a, double b) {
    if (op == "sum") return a + b;
    if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<double>::quiet_NaN();
    return op == "min" ? std::min(a, b) : std::max(a, b);
}

std::int64_t combine(const std::string& op, std::int64_t a, std::int64_t b) {
    if (op == "min") return std::min(a, b);
    if (op == "max") return std::max(a, b);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

/// Parts of fixed size in a fixed order: the result does not depend on the number of cores.
template <typename A, typename T>
A reduce_all(const T* x, std::int64_t n, const std::string& op, const device::host::Cores& cores) {
    std::vector<A> parts(static_cast<std::size_t>((n + part_elements - 1) / part_elements),
                         start_of<A>(op));
    cores.for_range(static_cast<std::int64_t>(parts.size()),
                    [&](std::int64_t first, std::int64_t last) {
                        for (std::int64_t part = first; part < last; ++part) {
                            const std::int64_t end = std::min(n, (part + 1) * part_elements);
                            A value = start_of<A>(op);
                            for (std::int64_t i = part * part_elements; i < end; ++i) {
                                value = combine(op, value, static_cast<A>(x[i]));
                            }
                            parts[static_cast<std::size_t>(part)] = value;
                        }
                    });
    A value = start_of<A>(op);
    for (const A part : parts) value = combine(op, value, part);
    return value;
}

}  // namespace

void check_reduce(const Arguments& arguments) {
    const Argument& x = arguments.buffer("x");
    check_computable(x);
    check_result(arguments.buffer("result"), is_floating(x.dtype) ? DType::f64 : DType::i64, 1);
    check_no_overlap(arguments, {"x", "result"});
}

void reduce(const Arguments& arguments, const device::host::Cores& cores) {
    const Argument& x = arguments.buffer("x");
    const std::string& op = arguments.word("op");
    with_computable(x.dtype, [&](auto zero) {
        using T = decltype(zero);
        using A = std::conditional_t<std::is_floating_point_v<T>, double, std::int64_t>;
        *static_cast<A*>(arguments.buffer("result").data) =
            reduce_all<A>(static_cast<const T*>(x.data), x.count, op, cores);
    });
}

}  // namespace warpstep::kernels
