// SPDX-License-Identifier: Apache-2.0
// The one way a kernel is launched: no <<<>>>, so that a plain C++ compiler can read a .cu file
// too. A plan is the list of launches that one catalog entry makes, written down once and issued
// many times.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/device/cuda/check.hpp"

// Where the kernels run on the CPU, the runtime there has to be told about each one at load time.
#ifndef WARPSTEP_ANNOUNCE_KERNEL
#define WARPSTEP_ANNOUNCE_KERNEL(kernel)
#endif

namespace warpstep::kernels::cuda {

constexpr int block_threads = 256;  ///< of every kernel here that does not say otherwise

namespace detail {

template <typename Kernel>
struct Launch;

template <typename... Parameters>
struct Launch<void (*)(Parameters...)> {
    template <auto kernel, typename... Arguments>
    static std::function<void(cudaStream_t)> make(dim3 grid, dim3 block, std::size_t shared_bytes,
                                                  const Arguments&... arguments) {
        return [grid, block, shared_bytes,
                ... values = static_cast<Parameters>(arguments)](cudaStream_t stream) {
            cudaLaunchConfig_t config{};
            config.gridDim = grid;
            config.blockDim = block;
            config.dynamicSmemBytes = shared_bytes;
            config.stream = stream;
            WARPSTEP_CUDA_CHECK(cudaLaunchKernelEx(&config, kernel, values...));
        };
    }
};

}  // namespace detail

/// The launches of one prepared kernel, in order, and the device memory that they need between
/// them. Belongs to the device that is current when it is made.
class Plan {
  public:
    Plan() = default;
    ~Plan();
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;

    /// Adds a launch: plan.launch<kernel<T>>(grid, block, shared_bytes, arguments…).
    template <auto kernel, typename... Arguments>
    void launch(dim3 grid, dim3 block, std::size_t shared_bytes, const Arguments&... arguments) {
        WARPSTEP_ANNOUNCE_KERNEL(kernel);
        calls_.push_back(detail::Launch<decltype(kernel)>::template make<kernel>(
            grid, block, shared_bytes, arguments...));
    }

    /// Adds a call of a library that works on a stream. It must be capturable.
    void call(std::function<void(cudaStream_t)> body) { calls_.push_back(std::move(body)); }

    /// Device memory that stays as long as the plan; its content is undefined at every issue.
    /// Errors: DeviceError.
    void* scratch(std::size_t bytes);
    template <typename T>
    T* scratch_of(std::int64_t count) {
        return static_cast<T*>(scratch(static_cast<std::size_t>(count) * sizeof(T)));
    }

    /// Forgets the launches, keeps the memory for the next ones.
    void clear();
    /// Errors: DeviceError for a launch that fails.
    void issue(cudaStream_t stream) const;

  private:
    struct Block {
        void* data = nullptr;
        std::size_t bytes = 0;
    };
    std::vector<std::function<void(cudaStream_t)>> calls_;
    std::vector<Block> blocks_;
    std::size_t blocks_used_ = 0;
};

/// How many blocks of `kernel` the current device holds at once. Asked once for each kernel; on a
/// mixed machine the first device's answer is merely not the best for the others.
template <auto kernel, int threads = block_threads>
int resident_blocks() {
    static const int blocks = [] {
        int device = 0;
        int multiprocessors = 0;
        int blocks_each = 0;
        WARPSTEP_CUDA_CHECK(cudaGetDevice(&device));
        WARPSTEP_CUDA_CHECK(
            cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device));
        WARPSTEP_CUDA_CHECK(
            cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks_each, kernel, threads, 0));
        return multiprocessors * blocks_each;
    }();
    return blocks;
}

constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
    return (a + b - 1) / b;
}

}  // namespace warpstep::kernels::cuda
