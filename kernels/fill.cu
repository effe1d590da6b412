// SPDX-License-Identifier: Apache-2.0
#include "kernels/arguments.hpp"
#include "kernels/transform.cuh"

namespace warpstep::kernels::cuda {

template <typename T>
struct Constant {
    T value;
    __device__ T operator()() const { return value; }
};

void fill(const Arguments& arguments, Plan& plan) {
    const Argument& buffer = arguments.buffer("buffer");
    with_type(buffer.dtype, [&](auto zero) {
        using T = decltype(zero);
        launch_transform(buffer.count, Constant<T>{static_cast<T>(arguments.number("value"))}, plan,
                         static_cast<T*>(buffer.data));
    });
}

}  // namespace warpstep::kernels::cuda
