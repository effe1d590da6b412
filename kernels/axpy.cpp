// SPDX-License-Identifier: Apache-2.0
#include "kernels/axpy.hpp"

#include <cmath>

#include "kernels/check.hpp"
#include "runtime/base/host_clones.hpp"

namespace warpstep::kernels {
namespace {

WARPSTEP_HOST_CLONES void axpy_range(float alpha, const float* x, float* y, std::int64_t begin,
                                     std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) y[i] = std::fma(alpha, x[i], y[i]);
}

WARPSTEP_HOST_CLONES void axpy_range(double alpha, const double* x, double* y, std::int64_t begin,
                                     std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) y[i] = std::fma(alpha, x[i], y[i]);
}

}  // namespace

void check_axpy(const Arguments& arguments) {
    check_vectors(arguments, {"x", "y"});
}

void axpy(const Arguments& arguments, const device::host::Cores& cores) {
    with_floating(arguments, {"x", "y"}, [&](auto zero) {
        using T = decltype(zero);
        const T* x = static_cast<const T*>(arguments.buffer("x").data);
        T* y = static_cast<T*>(arguments.buffer("y").data);
        const auto alpha = static_cast<T>(arguments.number("alpha"));
        cores.for_range(arguments.buffer("y").count, [=](std::int64_t begin, std::int64_t end) {
            axpy_range(alpha, x, y, begin, end);
        });
    });
}

}  // namespace warpstep::kernels
