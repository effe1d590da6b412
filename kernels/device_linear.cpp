// SPDX-License-Identifier: Apache-2.0
// The contracts of these are those of the host functions of the same names.
#include "kernels/device_catalog.hpp"

namespace warpstep::kernels::cuda {

void linear_gradient(const Arguments& arguments, Plan& plan);
void linear_squared_error(const Arguments& arguments, Plan& plan);

std::vector<DeviceKernel> linear_kernels() {
    return {{"linear.gradient", linear_gradient}, {"linear.squared_error", linear_squared_error}};
}

}  // namespace warpstep::kernels::cuda
