// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/cuda/check.hpp"

#include <cuda_runtime_api.h>

#include <string_view>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/device/cuda/current_device.hpp"

namespace warpstep::device::cuda {

std::string describe(cudaError_t code) {
    return fmt::format("{} ({})", cudaGetErrorString(code), cudaGetErrorName(code));
}

void throw_cuda(cudaError_t code, const char* expression, const char* file, int line) {
    // CUDA remembers the last error of a thread; it is told here, so that no later call tells it
    // again.
    cudaGetLastError();
    const std::string_view whole(expression);
    const std::string gpu = uuid_of_current();
    fail<DeviceError>("cuda: {} in {} at {}:{}{}", describe(code), whole.substr(0, whole.find('(')),
                      file, line, gpu.empty() ? "" : ", on " + gpu);
}

void ignore(cudaError_t code) noexcept {
    if (code == cudaSuccess) return;
    cudaGetLastError();
    if (code == cudaErrorCudartUnloading || code == cudaErrorContextIsDestroyed) return;
    try {
        log::debug("cuda, while freeing: " + describe(code));
    } catch (...) {
    }
}

}  // namespace warpstep::device::cuda
