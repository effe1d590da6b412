// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/arguments.hpp"
#include "runtime/device/host/cores.hpp"

namespace warpstep::kernels {

/// buffer <- factor * buffer, in place.
/// Shape:  n elements of f32, f64, i32 or i64, n >= 0. Whole numbers take a whole factor and wrap
///         around.
/// Units:  moves 2n elements, does n flops.
/// Errors: ConfigError from check_scale; nothing thrown for n == 0.
/// Source: BLAS level 1, sscal/dscal. One multiplication, so host and device match exactly.
void scale(const Arguments& arguments, const device::host::Cores& cores);
void check_scale(const Arguments& arguments);

}  // namespace warpstep::kernels
