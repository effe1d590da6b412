// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/arguments.hpp"
#include "runtime/device/host/cores.hpp"

namespace warpstep::kernels {

/// sum[0] <- a 64-bit hash of the bytes of x: equal buffers give equal sums on every device, and a
/// changed or moved word another one. Words of 8 bytes, the last one filled with zeros.
/// Shape:  x of any type, n >= 0 elements; sum [1] i64.
/// Units:  reads x once.
/// Source: the sum over i of mix(word_i xor mix(i)) modulo 2^64, with mix() of memory_pattern.hpp.
/// Errors: ConfigError from check_checksum.
void checksum(const Arguments& arguments, const device::host::Cores& cores);
void check_checksum(const Arguments& arguments);

}  // namespace warpstep::kernels
