// SPDX-License-Identifier: Apache-2.0
// A gemm as a part of other kernels' plans; of the CUDA module.
#pragma once

#include <functional>

#include "kernels/arguments.hpp"
#include "kernels/plan.cuh"

namespace warpstep::kernels::cuda {

/// Decides how the gemm of these arguments is done (kernels/gemm.hpp has the contract) and takes
/// the workspace from `plan`. The result appends one multiplication to a plan each time it is
/// called, always by the same algorithm. Errors: ConfigError for a type that the current device has
/// not; EnvironmentError without cuBLASLt; DeviceError.
std::function<void(Plan&)> decide_gemm(const Arguments& arguments, Plan& plan);

void gemm(const Arguments& arguments, Plan& plan);
void gemm_naive(const Arguments& arguments, Plan& plan);

}  // namespace warpstep::kernels::cuda
