// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <string>

#include "kernels/user_kernel.hpp"

namespace warpstep::device::nvrtc {

/// A function of an image on one GPU. Used on the thread where that device is current; the streams
/// it is launched on are of that device.
class LoadedFunction final : public kernels::LoadedKernel {
  public:
    /// Errors: ConfigError for an image that is not for this device, or a name that is not in it;
    /// DeviceError.
    LoadedFunction(int ordinal, const std::string& image, const std::string& entry);
    ~LoadedFunction() override;
    LoadedFunction(const LoadedFunction&) = delete;
    LoadedFunction& operator=(const LoadedFunction&) = delete;

    std::optional<std::vector<kernels::ParameterSlot>> parameters() const override;
    void check(const kernels::LaunchShape& shape) const override;
    void launch(const kernels::LaunchShape& shape, const std::vector<void*>& values,
                Stream& stream) override;

  private:
    int limit(cudaDeviceAttr attribute) const;

    int ordinal_;
    cudaLibrary_t library_ = nullptr;
    cudaKernel_t kernel_ = nullptr;
    cudaFuncAttributes attributes_{};
    std::size_t shared_allowed_ = 0;  ///< dynamic shared memory that a launch may ask for now
};

/// "sm_90". Errors: DeviceError.
std::string arch_of(int ordinal);

}  // namespace warpstep::device::nvrtc
