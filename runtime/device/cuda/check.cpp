// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/cuda/check.hpp"

#include <cuda_runtime_api.h>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"

namespace warpstep::device::cuda {

std::string describe(cudaError_t code) {
    return fmt::format("{} ({})", cudaGetErrorString(code), cudaGetErrorName(code));
}

void throw_cuda(cudaError_t code, const char* expression, const char* file, int line) {
    // CUDA remembers the last error of a thread; it is told here, so that no later call tells it
    // again.
    cudaGetLastError();
    fail<DeviceError>("cuda: {} in {} at {}:{}", describe(code), expression, file, line);
}

void ignore(cudaError_t code) noexcept {
    if (code == cudaSuccess || code == cudaErrorCudartUnloading ||
        code == cudaErrorContextIsDestroyed) {
        return;
    }
    try {
        log::debug("cuda, while freeing: " + describe(code));
    } catch (...) {
    }
}

}  // namespace warpstep::device::cuda
