// SPDX-License-Identifier: Apache-2.0
// The reader of gpu-models.yaml.
#pragma once

#include <string>

#include "runtime/device/gpu_models.hpp"

namespace warpstep::device {

/// Errors: LogicError with the line for a key that is missing, unknown or no number, and for a name
/// that no other part of the file knows.
GpuModels read_gpu_models(const std::string& text);

}  // namespace warpstep::device
