// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <driver_types.h>

#include <functional>

#include "runtime/device/cuda/cuda_stream.hpp"
#include "runtime/device/device.hpp"

namespace warpstep::device::cuda {

/// An instantiated CUDA graph. Source: CUDA Programming Guide, "CUDA Graphs".
class CudaGraph final : public Graph {
  public:
    /// Captures on `stream`, which it borrows for update(). Errors: DeviceError, what `body`
    /// throws.
    CudaGraph(int ordinal, Stream& stream, const std::function<void()>& body);
    ~CudaGraph() override;
    CudaGraph(const CudaGraph&) = delete;
    CudaGraph& operator=(const CudaGraph&) = delete;

    void launch(Stream& stream) override;
    void update(const std::function<void()>& body) override;

  private:
    int ordinal_;
    Stream& stream_;
    cudaGraphExec_t executable_ = nullptr;
};

}  // namespace warpstep::device::cuda
