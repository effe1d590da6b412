// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <type_traits>

#include "kernels/check.hpp"
#include "kernels/reduction.cuh"

namespace warpstep::kernels::cuda {

template <typename A, typename T>
struct Widen {
    __device__ A operator()(T x) const { return static_cast<A>(x); }
};

template <typename A>
struct Smaller {
    __device__ A operator()(A a, A b) const {
        if (a != a || b != b) return a + b;
        return b < a ? b : a;
    }
};
template <typename A>
struct Larger {
    __device__ A operator()(A a, A b) const {
        if (a != a || b != b) return a + b;
        return a < b ? b : a;
    }
};

void reduce(const Arguments& arguments, Plan& plan) {
    const Argument& x = arguments.buffer("x");
    const std::string& op = arguments.word("op");
    void* result = arguments.buffer("result").data;
    with_computable(x.dtype, [&](auto zero) {
        using T = decltype(zero);
        // Sums of integers wrap around, which only unsigned ones may.
        using A = std::conditional_t<std::is_floating_point_v<T>, double, long long>;
        using S = std::conditional_t<std::is_floating_point_v<T>, double, unsigned long long>;
        using Limits = std::numeric_limits<A>;
        const auto* data = static_cast<const T*>(x.data);
        if (op == "sum") {
            plan_reduction<T, S>(x.count, Widen<S, T>{}, Plus<S>{}, S{0}, plan,
                                 static_cast<S*>(result), data);
        } else if (op == "min") {
            const A start = Limits::has_infinity ? Limits::infinity() : Limits::max();
            plan_reduction<T, A>(x.count, Widen<A, T>{}, Smaller<A>{}, start, plan,
                                 static_cast<A*>(result), data);
        } else {
            const A start = Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
            plan_reduction<T, A>(x.count, Widen<A, T>{}, Larger<A>{}, start, plan,
                                 static_cast<A*>(result), data);
        }
    });
}

}  // namespace warpstep::kernels::cuda
