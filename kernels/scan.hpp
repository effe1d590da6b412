// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/arguments.hpp"
#include "runtime/device/host/cores.hpp"

namespace warpstep::kernels {

/// y[i] <- x[0] + … + x[i] (kind: inclusive), or the sum before x[i] (kind: exclusive).
/// Shape:  x and y have n >= 0 elements of one type (f32, f64, i32, i64) and do not overlap.
/// Units:  reads n and writes n elements; n additions.
/// Order:  integers are exact modulo 2^bits. Floating sums are compensated on the host; the device
///         adds in the buffer's type and an order that may differ from run to run: within n
///         roundings.
/// Errors: ConfigError from check_scan.
/// Source: on the device CUB's DeviceScan (decoupled look-back: Merrill and Garland, 2016).
void scan(const Arguments& arguments, const device::host::Cores& cores);
void check_scan(const Arguments& arguments);

}  // namespace warpstep::kernels
