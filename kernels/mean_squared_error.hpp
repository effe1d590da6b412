// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/arguments.hpp"
#include "runtime/device/host/cores.hpp"

namespace warpstep::kernels {

/// error[0] <- the mean of (x_i - y_i)^2, in double.
/// Shape:  x, y have n elements of one type (f32, f64); error [1] f64, overlapping neither. n == 0
///         gives NaN, the mean of nothing.
/// Units:  reads 2n elements, does 3n flops.
/// Errors: ConfigError from check_mean_squared_error.
/// Source: PyTorch documentation, torch.nn.MSELoss with reduction 'mean'. Differences, squares and
/// sums are taken in double, in an order that depends on n alone.
void mean_squared_error(const Arguments& arguments, const device::host::Cores& cores);
void check_mean_squared_error(const Arguments& arguments);

}  // namespace warpstep::kernels
