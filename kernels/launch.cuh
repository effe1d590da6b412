// SPDX-License-Identifier: Apache-2.0
// The one way a kernel is launched: no <<<>>>, so that a plain C++ compiler can read a .cu file
// too.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

#include "runtime/device/cuda/check.hpp"
#include "runtime/device/device.hpp"

namespace warpstep::kernels::cuda {

constexpr int block_threads = 256;  ///< of every kernel here

/// Launches on `stream`, whose device is the current one of this thread. Errors: DeviceError if the
/// launch fails.
template <typename... Parameters, typename... Arguments>
void launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t shared_bytes,
            device::Stream& stream, const Arguments&... arguments) {
    cudaLaunchConfig_t config{};
    config.gridDim = grid;
    config.blockDim = block;
    config.dynamicSmemBytes = shared_bytes;
    config.stream = static_cast<cudaStream_t>(stream.native());
    WARPSTEP_CUDA_CHECK(cudaLaunchKernelEx(&config, kernel, static_cast<Parameters>(arguments)...));
}

/// How many blocks of `kernel` the current device holds at once. Asked once for each kernel,
/// because a question costs about as much as a launch; on a mixed machine the first device's answer
/// is merely not the best for the others.
template <auto kernel>
int resident_blocks() {
    static const int blocks = [] {
        int device = 0;
        int multiprocessors = 0;
        int blocks_each = 0;
        WARPSTEP_CUDA_CHECK(cudaGetDevice(&device));
        WARPSTEP_CUDA_CHECK(
            cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device));
        WARPSTEP_CUDA_CHECK(
            cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks_each, kernel, block_threads, 0));
        return multiprocessors * blocks_each;
    }();
    return blocks;
}

constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
    return (a + b - 1) / b;
}

}  // namespace warpstep::kernels::cuda
