// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "kernels/arguments.hpp"
#include "kernels/check.hpp"
#include "kernels/transform.cuh"

namespace warpstep::kernels::cuda {

template <typename T>
struct Scale {
    T factor;
    // Overflow of signed numbers is undefined, that of unsigned ones wraps around.
    __device__ T operator()(T x) const {
        if constexpr (std::is_integral_v<T>) {
            using U = std::make_unsigned_t<T>;
            return static_cast<T>(static_cast<U>(factor) * static_cast<U>(x));
        } else {
            return factor * x;
        }
    }
};

void scale(const Arguments& arguments, Plan& plan) {
    const Argument& buffer = arguments.buffer("buffer");
    with_computable(buffer.dtype, [&](auto zero) {
        using T = decltype(zero);
        auto* data = static_cast<T*>(buffer.data);
        launch_transform(buffer.count, Scale<T>{static_cast<T>(arguments.number("factor"))}, plan,
                         data, static_cast<const T*>(data));
    });
}

}  // namespace warpstep::kernels::cuda
