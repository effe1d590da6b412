// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/device/device.hpp"

namespace warpstep::device::cuda {

class CudaEvent final : public Event {
  public:
    /// Errors: DeviceError.
    explicit CudaEvent(int ordinal);
    ~CudaEvent() override;
    CudaEvent(const CudaEvent&) = delete;
    CudaEvent& operator=(const CudaEvent&) = delete;

    void record(Stream& stream) override;
    void synchronize() override;
    double seconds_since(const Event& earlier) const override;
    void* native() const { return event_; }  ///< cudaEvent_t

  private:
    int ordinal_;
    void* event_ = nullptr;  ///< cudaEvent_t
};

}  // namespace warpstep::device::cuda
