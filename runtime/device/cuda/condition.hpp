// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "runtime/device/device.hpp"

namespace warpstep::device::cuda {

/// What NVML tells about the GPU of this UUID at this moment; of an instance (MIG) the readings of
/// its GPU. NVML is opened at first use: the file that WARPSTEP_NVML_LIBRARY names, else
/// libnvidia-ml.so.1. Where it is absent or refuses, the fields stay empty. Throws nothing.
/// Source: NVML API reference, docs.nvidia.com/deploy/nvml-api.
Condition condition_of(const std::string& uuid);

}  // namespace warpstep::device::cuda
