// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "runtime/device/device.hpp"

namespace warpstep::device::cuda {

/// Every device CUDA shows, by ordinal; creates no context. Errors: DeviceError "no CUDA device:
/// <reason>".
std::vector<Facts> list_devices();
/// Errors: DeviceError.
Facts facts_of(int ordinal);

/// "13.0" from CUDA's 13000.
std::string version_text(int version);

}  // namespace warpstep::device::cuda
