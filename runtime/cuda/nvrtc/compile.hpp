// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "kernels/user_kernel.hpp"

namespace warpstep::device::nvrtc {

/// CUDA C++ to machine code ("sm_90") or PTX ("compute_90"); C++20 and line information unless the
/// options say something else. Needs no GPU. Errors: ConfigError with the compiler's messages, or
/// the kernels there are when `entry` is none of them; EnvironmentError.
/// Source: NVRTC manual, "Accessing Lowered Names" for templates and mangled names.
kernels::KernelImage compile(const kernels::KernelSource& source, const std::string& arch);

}  // namespace warpstep::device::nvrtc
