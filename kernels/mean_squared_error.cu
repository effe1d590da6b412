// SPDX-License-Identifier: Apache-2.0
#include "kernels/mean_squared_error.hpp"

#include "kernels/check.hpp"
#include "kernels/reduction.cuh"

namespace warpstep::kernels::cuda {

template <typename T>
struct SquaredDifference {
    __device__ double operator()(T x, T y) const {
        const double difference = static_cast<double>(x) - static_cast<double>(y);
        return difference * difference;
    }
};

__global__ void divide_by_count(double count, double* sum) {
    *sum /= count;
}

void mean_squared_error(const Arguments& arguments, Plan& plan) {
    with_floating(arguments, {"x", "y"}, [&](auto zero) {
        using T = decltype(zero);
        const Argument& x = arguments.buffer("x");
        auto* error = static_cast<double*>(arguments.buffer("error").data);
        plan_reduction<T>(x.count, SquaredDifference<T>{}, Plus<double>{}, 0.0, plan, error,
                          static_cast<const T*>(x.data),
                          static_cast<const T*>(arguments.buffer("y").data));
        plan.launch<divide_by_count>(1, 1, 0, static_cast<double>(x.count), error);
    });
}

}  // namespace warpstep::kernels::cuda
