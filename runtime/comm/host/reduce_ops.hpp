// SPDX-License-Identifier: Apache-2.0
// Private to comm/host: what the operations of reductions do with two elements.
#pragma once

#include <type_traits>

#include "runtime/comm/communicator.hpp"

namespace warpstep::comm::host {

// Signed overflow is undefined and u8 promotes to int, so integers compute in a wide enough
// unsigned type; narrow floats are rounded after every step.
template <typename T, typename Op>
T in_ring(T a, T b, Op op) {
    if constexpr (std::is_floating_point_v<T>) {
        return op(a, b);
    } else if constexpr (std::is_class_v<T>) {
        return T(op(static_cast<float>(a), static_cast<float>(b)));
    } else if constexpr (sizeof(T) < sizeof(unsigned)) {
        return static_cast<T>(op(static_cast<unsigned>(a), static_cast<unsigned>(b)));
    } else {
        using U = std::make_unsigned_t<T>;
        return static_cast<T>(op(static_cast<U>(a), static_cast<U>(b)));
    }
}

struct Sum {
    template <typename T>
    static T apply(T a, T b) {
        return in_ring(a, b, [](auto x, auto y) { return x + y; });
    }
};
struct Prod {
    template <typename T>
    static T apply(T a, T b) {
        return in_ring(a, b, [](auto x, auto y) { return x * y; });
    }
};
struct Min {
    template <typename T>
    static T apply(T a, T b) {
        return a < b || a != a ? a : b;
    }
};
struct Max {
    template <typename T>
    static T apply(T a, T b) {
        return a > b || a != a ? a : b;
    }
};

template <typename Body>
void with_op(ReduceOp op, Body&& body) {
    switch (op) {
        case ReduceOp::sum:
        case ReduceOp::avg:
            return body(Sum{});
        case ReduceOp::min:
            return body(Min{});
        case ReduceOp::max:
            return body(Max{});
        case ReduceOp::prod:
            return body(Prod{});
    }
}

}  // namespace warpstep::comm::host
