// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/cuda/current_device.hpp"

#include <cuda_runtime_api.h>

#include "runtime/device/cuda/check.hpp"

namespace warpstep::device::cuda {

CurrentDevice::CurrentDevice(int ordinal) {
    WARPSTEP_CUDA_CHECK(cudaGetDevice(&previous_));
    if (previous_ == ordinal) return;
    WARPSTEP_CUDA_CHECK(cudaSetDevice(ordinal));
    switched_ = true;
}

CurrentDevice::~CurrentDevice() {
    if (switched_) ignore(cudaSetDevice(previous_));
}

}  // namespace warpstep::device::cuda
