// SPDX-License-Identifier: Apache-2.0
#include "kernels/device_catalog.hpp"

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
        kernel_.plan(arguments, plan_);
    }
    void issue(device::Stream& stream) override {
        plan_.issue(static_cast<cudaStream_t>(stream.native()));
    }
    void update(const Arguments& arguments) override {
        plan_.clear();
        kernel_.plan(arguments, plan_);
    }

  private:
    const DeviceKernel& kernel_;
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
