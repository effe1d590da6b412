// SPDX-License-Identifier: Apache-2.0
#include "kernels/device_catalog.hpp"

#include <cuda_runtime_api.h>

#include "runtime/device/cuda/check.hpp"
#include "runtime/device/cuda/current_device.hpp"

namespace warpstep::kernels::cuda {

const std::vector<DeviceKernel>& device_catalog() {
    static const std::vector<DeviceKernel> all = [] {
        std::vector<DeviceKernel> kernels;
        for (const auto family :
             {vector_kernels, linear_kernels, summary_kernels, memory_kernels, matrix_kernels}) {
            for (const DeviceKernel& kernel : family()) kernels.push_back(kernel);
        }
        return kernels;
    }();
    return all;
}

namespace {

class Prepared final : public PreparedKernel {
  public:
    Prepared(const DeviceKernel& kernel, const Arguments& arguments) : kernel_(kernel) {
        WARPSTEP_CUDA_CHECK(cudaGetDevice(&ordinal_));
        kernel_.plan(arguments, plan_);
    }
    void issue(device::Stream& stream) override {
        // A task with several devices may have made another one current.
        const device::cuda::CurrentDevice current(ordinal_);
        plan_.issue(static_cast<cudaStream_t>(stream.native()));
    }
    void update(const Arguments& arguments) override {
        const device::cuda::CurrentDevice current(ordinal_);
        plan_.clear();
        kernel_.plan(arguments, plan_);
    }

  private:
    const DeviceKernel& kernel_;
    int ordinal_ = 0;
    Plan plan_;
};

}  // namespace

std::unique_ptr<PreparedKernel> prepare(std::string_view name, const Arguments& arguments) {
    for (const DeviceKernel& kernel : device_catalog()) {
        if (kernel.name == name) return std::make_unique<Prepared>(kernel, arguments);
    }
    return nullptr;
}

}  // namespace warpstep::kernels::cuda
