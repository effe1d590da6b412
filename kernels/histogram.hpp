// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/arguments.hpp"
#include "runtime/device/host/cores.hpp"

namespace warpstep::kernels {

/// bins[b] <- how many x lie in the b-th of equal parts of [lo, hi); others and NaN are not
/// counted. Shape:  x has n >= 0 elements (f32, f64, i32, i64), bins k >= 1 of i64; lo < hi. Units:
/// reads n elements and writes k. Source: b = floor((x - lo) * (k / (hi - lo))) in double on host
/// and device, so counts are equal. Errors: ConfigError from check_histogram.
void histogram(const Arguments& arguments, const device::host::Cores& cores);
void check_histogram(const Arguments& arguments);

}  // namespace warpstep::kernels
