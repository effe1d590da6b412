// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/arguments.hpp"
#include "runtime/device/host/cores.hpp"

namespace warpstep::kernels {

/// to[j, i] <- from[i, j].
/// Shape:  from [rows, columns], to [columns, rows] of one type, row-major, not overlapping; either
///         extent may be 0.
/// Units:  reads and writes rows * columns elements.
/// Errors: ConfigError from check_transpose.
/// Source: tiles in shared memory, padded by one element against bank conflicts (M. Harris, "An
///         Efficient Matrix Transpose in CUDA C/C++", 2013).
void transpose(const Arguments& arguments, const device::host::Cores& cores);
void check_transpose(const Arguments& arguments);

}  // namespace warpstep::kernels
