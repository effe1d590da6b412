// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/arguments.hpp"
#include "runtime/device/host/cores.hpp"

namespace warpstep::kernels {

/// result[0] <- the sum, the smallest or the largest of x, by the word `op`.
/// Shape:  x has n >= 0 elements (f32, f64, i32, i64); result [1] is f64 for floating x, i64 for
///         integers. n == 0 gives 0, the largest and the smallest value of the result's type.
/// Units:  reads n elements; n operations.
/// Order:  fixed, whatever the device: integers are exact (sums modulo 2^64), floating sums are
///         added in double and may differ between host and device by their rounding. A NaN makes
///         the result NaN.
/// Errors: ConfigError from check_reduce.
void reduce(const Arguments& arguments, const device::host::Cores& cores);
void check_reduce(const Arguments& arguments);

}  // namespace warpstep::kernels
