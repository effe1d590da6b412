// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/device/device.hpp"

namespace warpstep::device::cuda {

/// A stream that does not wait for the default stream. Used on the thread where its device is
/// current.
class CudaStream final : public Stream {
  public:
    /// Errors: DeviceError.
    CudaStream(int ordinal, bool high_priority);
    ~CudaStream() override;
    CudaStream(const CudaStream&) = delete;
    CudaStream& operator=(const CudaStream&) = delete;

    void synchronize() override;
    bool done() override;
    void wait(const Event& event) override;
    void* native() const override { return stream_; }

  private:
    int ordinal_;
    void* stream_ = nullptr;  ///< cudaStream_t
};

}  // namespace warpstep::device::cuda
