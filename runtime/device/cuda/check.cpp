// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/cuda/check.hpp"

#include <cuda_runtime_api.h>

#include <string_view>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/device/cuda/current_device.hpp"

namespace warpstep::device::cuda {
namespace {

/// A file of the tree, named from there. Kernels are compiled by nvcc, which would have to be told
/// where the tree is, and then no clone could use what another has in the compiler cache.
std::string_view in_tree(std::string_view file) {
    const auto at = file.rfind("kernels/");
    return at == std::string_view::npos ? file : file.substr(at);
}

[[noreturn]] void throw_on(const std::string& gpu, cudaError_t code, std::string_view expression,
                           const char* file, int line) {
    // CUDA remembers the last error of a thread; it is told here, so that no later call tells it
    // again.
    cudaGetLastError();
    fail<DeviceError>("cuda: {} in {} at {}:{}{}", describe(code),
                      expression.substr(0, expression.find('(')), in_tree(file), line,
                      gpu.empty() ? "" : ", on " + gpu);
}

}  // namespace

std::string describe(cudaError_t code) {
    return fmt::format("{} ({})", cudaGetErrorString(code), cudaGetErrorName(code));
}

void throw_cuda(cudaError_t code, const char* expression, const char* file, int line) {
    throw_on(uuid_of_current(), code, expression, file, line);
}

void throw_cuda_on(int ordinal, cudaError_t code, const char* expression, const char* file,
                   int line) {
    throw_on(uuid_of(ordinal), code, expression, file, line);
}

bool answered(cudaError_t code) noexcept {
    if (code == cudaSuccess) return true;
    cudaGetLastError();
    return false;
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
