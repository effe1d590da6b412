// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/arguments.hpp"
#include "runtime/device/host/cores.hpp"

namespace warpstep::kernels::jacobi2d {

/// One sweep of Jacobi's method for Laplace's equation on a grid: every inner point becomes the
/// mean of its four neighbours; the first and last row and column keep their values.
///     to[i, j] <- ((from[i-1, j] + from[i+1, j]) + (from[i, j-1] + from[i, j+1])) / 4
/// Shape:  from, to [rows, columns] of one type (f32, f64), any extents >= 0, not overlapping;
///         residual, which may be left out, one f64: the largest |to - from|, NaN if any is.
/// Units:  moves 2 rows columns elements; 4 flops for each inner point.
/// Errors: ConfigError from check_sweep.
/// Source: C. G. J. Jacobi (1845); the sweep of NVIDIA's multi-GPU programming models samples. The
/// order of the three additions is fixed, so results are the same on every device and for every cut
/// of the grid into blocks with halos.
void sweep(const Arguments& arguments, const device::host::Cores& cores);
void check_sweep(const Arguments& arguments);

/// Sets the first and last row and column of a grid, linearly between its corners; whole numbers
/// stay exact where the result is one. A rank that holds some rows of a larger grid gives the
/// corners of its part. Shape:  grid [rows, columns] f32 or f64; top_left, top_right, bottom_left,
/// bottom_right: 0 when
///         left out. Inner points are not touched.
/// Units:  writes 2 (rows + columns) elements.
/// Errors: ConfigError from check_edges.
void edges(const Arguments& arguments, const device::host::Cores& cores);
void check_edges(const Arguments& arguments);

}  // namespace warpstep::kernels::jacobi2d
