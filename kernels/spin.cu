// SPDX-License-Identifier: Apache-2.0
#include "kernels/arguments.hpp"
#include "kernels/device_clock.cuh"
#include "kernels/plan.cuh"

namespace warpstep::kernels::cuda {

__global__ void spin_once(unsigned long long nanoseconds) {
    spin_for(nanoseconds);
}

void spin(const Arguments& arguments, Plan& plan) {
    plan.launch<spin_once>(1, 1, 0,
                           static_cast<unsigned long long>(arguments.number("seconds") * 1e9));
}

}  // namespace warpstep::kernels::cuda
