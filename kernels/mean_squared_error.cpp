// SPDX-License-Identifier: Apache-2.0
#include "kernels/mean_squared_error.hpp"

#include "kernels/check.hpp"

namespace warpstep::kernels {

void check_mean_squared_error(const Arguments& arguments) {
    check_floating(arguments, {"x", "y"});
    check_result(arguments.buffer("error"), DType::f64, 1);
    check_no_overlap(arguments, {"x", "error"});
    check_no_overlap(arguments, {"y", "error"});
    const Argument& x = arguments.buffer("x");
    const Argument& y = arguments.buffer("y");
    if (x.count != y.count) check_result(y, x.dtype, x.count);
}

void mean_squared_error(const Arguments& arguments, const device::host::Cores& cores) {
    with_floating(arguments, {"x", "y"}, [&](auto zero) {
        using T = decltype(zero);
        const T* x = static_cast<const T*>(arguments.buffer("x").data);
        const T* y = static_cast<const T*>(arguments.buffer("y").data);
        const std::int64_t n = arguments.buffer("x").count;
        const double sum = cores.sum_range(n, [&](std::int64_t begin, std::int64_t end) {
            double part = 0;
            for (std::int64_t i = begin; i < end; ++i) {
                const double difference = static_cast<double>(x[i]) - static_cast<double>(y[i]);
                part += difference * difference;
            }
            return part;
        });
        *static_cast<double*>(arguments.buffer("error").data) = sum / static_cast<double>(n);
    });
}

}  // namespace warpstep::kernels
