// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "kernels/catalog.hpp"

namespace warpstep::kernels::cuda {

struct DeviceKernel {
    std::string_view name;  ///< as in the catalog
    DeviceLauncher launch;
};

/// The explicit list of what the CUDA module can launch, in the catalog's order.
const std::vector<DeviceKernel>& device_catalog();

}  // namespace warpstep::kernels::cuda
