// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "kernels/catalog.hpp"
#include "kernels/plan.cuh"

namespace warpstep::kernels::cuda {

struct DeviceKernel {
    std::string_view name;  ///< as in the catalog
    void (*plan)(const Arguments&, Plan&);
};

// The families, as in the catalog; each stands beside its launchers.
std::vector<DeviceKernel> vector_kernels();
std::vector<DeviceKernel> linear_kernels();
std::vector<DeviceKernel> summary_kernels();
std::vector<DeviceKernel> memory_kernels();
std::vector<DeviceKernel> matrix_kernels();

/// The explicit list of what the CUDA module can launch.
const std::vector<DeviceKernel>& device_catalog();

/// Plans the kernel of that name on the current device of this thread; nullptr when the module has
/// none of that name. Errors: DeviceError.
std::unique_ptr<PreparedKernel> prepare(std::string_view name, const Arguments& arguments);

}  // namespace warpstep::kernels::cuda
