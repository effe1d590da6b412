// SPDX-License-Identifier: Apache-2.0
#include "kernels/arguments.hpp"
#include "kernels/check.hpp"
#include "kernels/transform.cuh"

namespace warpstep::kernels::cuda {

template <typename T>
struct Axpy {
    T alpha;
    __device__ T operator()(T x, T y) const { return fma(alpha, x, y); }
};

void axpy(const Arguments& arguments, Plan& plan) {
    with_floating(arguments, {"x", "y"}, [&](auto zero) {
        using T = decltype(zero);
        const Argument& y = arguments.buffer("y");
        auto* data = static_cast<T*>(y.data);
        const auto* x = static_cast<const T*>(arguments.buffer("x").data);
        launch_transform(y.count, Axpy<T>{static_cast<T>(arguments.number("alpha"))}, plan, data, x,
                         static_cast<const T*>(data));
    });
}

}  // namespace warpstep::kernels::cuda
