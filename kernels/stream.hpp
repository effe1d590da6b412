// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/arguments.hpp"
#include "runtime/device/host/cores.hpp"

namespace warpstep::kernels::stream {

/// The four loops of STREAM over contiguous vectors: copy c = a, mul b = scalar*c, add c = a+b,
/// triad a = b+scalar*c. Shape:  a, b, c have n elements of one type (f32, f64), n >= 0, and do not
/// overlap. Units:  move 2n, 2n, 3n, 3n elements and do 0, n, n, 2n flops. Errors: ConfigError from
/// check_*; nothing thrown for n == 0. Source: J. D. McCalpin, STREAM (1995). Triad uses one fused
/// multiply-add on host and device, so results match exactly.
void copy(const Arguments& arguments, const device::host::Cores& cores);
void mul(const Arguments& arguments, const device::host::Cores& cores);
void add(const Arguments& arguments, const device::host::Cores& cores);
void triad(const Arguments& arguments, const device::host::Cores& cores);

/// nstream a = a + b + scalar*c, write a = scalar. Shape, types and errors as above; move 4n and n
/// elements and do 3n and 0 flops. Source: the Parallel Research Kernels' Nstream; likwid's store.
void nstream(const Arguments& arguments, const device::host::Cores& cores);
void write(const Arguments& arguments, const device::host::Cores& cores);

/// dot sum[0] = a . b, read sum[0] = the sum of a, both added in double in a fixed order.
/// Shape:  a, b as above; sum [1] f64. Units: read 2n and n elements, do 2n and n flops.
void dot(const Arguments& arguments, const device::host::Cores& cores);
void read(const Arguments& arguments, const device::host::Cores& cores);

void check_write(const Arguments& arguments);
void check_dot(const Arguments& arguments);
void check_read(const Arguments& arguments);
void check_copy(const Arguments& arguments);
void check_mul(const Arguments& arguments);
void check_add(const Arguments& arguments);

}  // namespace warpstep::kernels::stream
