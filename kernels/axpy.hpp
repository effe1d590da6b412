// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/arguments.hpp"
#include "runtime/device/host/cores.hpp"

namespace warpstep::kernels {

/// y <- alpha*x + y over one contiguous vector.
/// Shape:  x, y have n elements of one type (f32, f64), n >= 0; x and y do not overlap.
/// Units:  moves 3n elements, does 2n flops.
/// Errors: ConfigError from check_axpy; nothing thrown for n == 0.
/// Source: BLAS level 1, saxpy/daxpy. Host and device both use one fused multiply-add, so results
/// match exactly.
void axpy(const Arguments& arguments, const device::host::Cores& cores);
void check_axpy(const Arguments& arguments);

}  // namespace warpstep::kernels
