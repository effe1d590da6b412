// SPDX-License-Identifier: Apache-2.0
#include "kernels/device_catalog.hpp"

#include "kernels/device_launchers.hpp"

namespace warpstep::kernels::cuda {

const std::vector<DeviceKernel>& device_catalog() {
    static const std::vector<DeviceKernel> kernels{
        {"axpy", axpy},
        {"fill", fill},
        {"linear.gradient", linear_gradient},
        {"linear.squared_error", linear_squared_error},
        {"stream.add", stream_add},
        {"stream.copy", stream_copy},
        {"stream.mul", stream_mul},
        {"stream.triad", stream_triad},
    };
    return kernels;
}

}  // namespace warpstep::kernels::cuda
