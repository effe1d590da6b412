// SPDX-License-Identifier: Apache-2.0
#include "kernels/arguments.hpp"
#include "kernels/check.hpp"
#include "kernels/reduction.cuh"

namespace warpstep::kernels::cuda {

template <typename T>
struct Copy {
    __device__ T operator()(T a) const { return a; }
};

template <typename T>
struct Scale {
    T scalar;
    __device__ T operator()(T c) const { return scalar * c; }
};

template <typename T>
struct Sum {
    __device__ T operator()(T a, T b) const { return a + b; }
};

template <typename T>
struct Triad {
    T scalar;
    __device__ T operator()(T b, T c) const { return fma(scalar, c, b); }
};

void stream_copy(const Arguments& arguments, Plan& plan) {
    with_floating(arguments, {"a", "c"}, [&](auto zero) {
        using T = decltype(zero);
        const Argument& c = arguments.buffer("c");
        launch_transform(c.count, Copy<T>{}, plan, static_cast<T*>(c.data),
                         static_cast<const T*>(arguments.buffer("a").data));
    });
}

void stream_mul(const Arguments& arguments, Plan& plan) {
    with_floating(arguments, {"b", "c"}, [&](auto zero) {
        using T = decltype(zero);
        const Argument& b = arguments.buffer("b");
        launch_transform(b.count, Scale<T>{static_cast<T>(arguments.number("scalar"))}, plan,
                         static_cast<T*>(b.data),
                         static_cast<const T*>(arguments.buffer("c").data));
    });
}

void stream_add(const Arguments& arguments, Plan& plan) {
    with_floating(arguments, {"a", "b", "c"}, [&](auto zero) {
        using T = decltype(zero);
        const Argument& c = arguments.buffer("c");
        launch_transform(c.count, Sum<T>{}, plan, static_cast<T*>(c.data),
                         static_cast<const T*>(arguments.buffer("a").data),
                         static_cast<const T*>(arguments.buffer("b").data));
    });
}

void stream_triad(const Arguments& arguments, Plan& plan) {
    with_floating(arguments, {"a", "b", "c"}, [&](auto zero) {
        using T = decltype(zero);
        const Argument& a = arguments.buffer("a");
        launch_transform(a.count, Triad<T>{static_cast<T>(arguments.number("scalar"))}, plan,
                         static_cast<T*>(a.data), static_cast<const T*>(arguments.buffer("b").data),
                         static_cast<const T*>(arguments.buffer("c").data));
    });
}

template <typename T>
struct NStream {
    T scalar;
    __device__ T operator()(T a, T b, T c) const { return a + fma(scalar, c, b); }
};

template <typename T>
struct Scalar {
    T value;
    __device__ T operator()() const { return value; }
};

template <typename T>
struct Product {
    __device__ double operator()(T a, T b) const {
        return static_cast<double>(a) * static_cast<double>(b);
    }
};

template <typename T>
struct Double {
    __device__ double operator()(T a) const { return static_cast<double>(a); }
};

void stream_nstream(const Arguments& arguments, Plan& plan) {
    with_floating(arguments, {"a", "b", "c"}, [&](auto zero) {
        using T = decltype(zero);
        const Argument& a = arguments.buffer("a");
        auto* data = static_cast<T*>(a.data);
        launch_transform(a.count, NStream<T>{static_cast<T>(arguments.number("scalar"))}, plan,
                         data, static_cast<const T*>(data),
                         static_cast<const T*>(arguments.buffer("b").data),
                         static_cast<const T*>(arguments.buffer("c").data));
    });
}

void stream_write(const Arguments& arguments, Plan& plan) {
    with_floating(arguments, {"a"}, [&](auto zero) {
        using T = decltype(zero);
        const Argument& a = arguments.buffer("a");
        launch_transform(a.count, Scalar<T>{static_cast<T>(arguments.number("scalar"))}, plan,
                         static_cast<T*>(a.data));
    });
}

void stream_dot(const Arguments& arguments, Plan& plan) {
    with_floating(arguments, {"a", "b"}, [&](auto zero) {
        using T = decltype(zero);
        const Argument& a = arguments.buffer("a");
        plan_reduction<T>(a.count, Product<T>{}, Plus<double>{}, 0.0, plan,
                          static_cast<double*>(arguments.buffer("sum").data),
                          static_cast<const T*>(a.data),
                          static_cast<const T*>(arguments.buffer("b").data));
    });
}

void stream_read(const Arguments& arguments, Plan& plan) {
    with_floating(arguments, {"a"}, [&](auto zero) {
        using T = decltype(zero);
        const Argument& a = arguments.buffer("a");
        plan_reduction<T>(a.count, Double<T>{}, Plus<double>{}, 0.0, plan,
                          static_cast<double*>(arguments.buffer("sum").data),
                          static_cast<const T*>(a.data));
    });
}

}  // namespace warpstep::kernels::cuda
