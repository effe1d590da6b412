// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/arguments.hpp"
#include "runtime/device/host/cores.hpp"

namespace warpstep::kernels::linear {

/// grad[j] <- 2 * sum_i (x_i . w - y_i) * x_ij: the gradient of the squared error, summed over the
/// rows given (not averaged: the caller divides by the size of the global batch after the sum over
/// ranks). Shape:  x [rows * features] row-major, y [rows], w and grad [features]; rows = count(y)
/// >= 0, features = count(w) >= 1;
///         one type (f32, f64). rows == 0 gives grad = 0.
/// Units:  reads rows * (features + 1) elements, does 4 * rows * features flops.
/// Errors: ConfigError from check_gradient.
/// Source: d/dw of sum (x.w - y)^2; products accumulated in double and rounded once.
void gradient(const Arguments& arguments, const device::host::Cores& cores);
void check_gradient(const Arguments& arguments);

/// error[0] <- sum_i (x_i . w - y_i)^2 in double.
/// Shape:  as gradient; error [1] f64.
/// Units:  reads rows * (features + 1) elements, does rows * (2 * features + 2) flops.
void squared_error(const Arguments& arguments, const device::host::Cores& cores);
void check_squared_error(const Arguments& arguments);

}  // namespace warpstep::kernels::linear
