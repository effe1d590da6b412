// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime.h>

#include <cstddef>

#include "runtime/device/cuda/check.hpp"
#include "runtime/device/device.hpp"

namespace warpstep::kernels::cuda {

/// Device memory for the launches of one call, ordered on their stream: two calls on two streams
/// never share it, and the device's pool hands it out without stopping anything. Its content is
/// undefined at first.
class Scratch {
  public:
    /// Errors: DeviceError.
    Scratch(std::size_t bytes, device::Stream& stream)
        : stream_(static_cast<cudaStream_t>(stream.native())) {
        if (bytes > 0) WARPSTEP_CUDA_CHECK(cudaMallocAsync(&data_, bytes, stream_));
    }
    ~Scratch() {
        if (data_ != nullptr) device::cuda::ignore(cudaFreeAsync(data_, stream_));
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    template <typename T>
    T* as() const {
        return static_cast<T*>(data_);
    }

  private:
    cudaStream_t stream_;
    void* data_ = nullptr;
};

}  // namespace warpstep::kernels::cuda
