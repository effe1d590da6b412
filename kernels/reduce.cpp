// SPDX-License-Identifier: Apache-2.0
#include "kernels/reduce.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "kernels/check.hpp"
#include "kernels/compensated_sum.hpp"
#include "kernels/parts.hpp"

namespace warpstep::kernels {
namespace {

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

template <typename A>
class Plain {
  public:
    explicit Plain(const std::string& op) : op_(op), value_(start_of<A>(op)) {}
    void add(A x) { value_ = combine(op_, value_, x); }
    A value() const { return value_; }

  private:
    const std::string& op_;
    A value_;
};

template <typename Sum, typename T>
auto reduce_all(const T* x, std::int64_t n, const Sum& empty, const device::host::Cores& cores) {
    using A = decltype(empty.value());
    std::vector<A> parts(static_cast<std::size_t>(parts_of(n)));
    for_parts(n, cores, [&](std::int64_t part, std::int64_t begin, std::int64_t end) {
        Sum sum = empty;
        for (std::int64_t i = begin; i < end; ++i) sum.add(static_cast<A>(x[i]));
        parts[static_cast<std::size_t>(part)] = sum.value();
    });
    Sum all = empty;
    for (const A part : parts) all.add(part);
    return all.value();
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
        const auto* data = static_cast<const T*>(x.data);
        auto* result = static_cast<A*>(arguments.buffer("result").data);
        if constexpr (std::is_floating_point_v<T>) {
            if (op == "sum") {
                *result = reduce_all(data, x.count, CompensatedSum(), cores);
                return;
            }
        }
        *result = reduce_all(data, x.count, Plain<A>(op), cores);
    });
}

}  // namespace warpstep::kernels
