// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/arguments.hpp"
#include "kernels/memory_pattern.hpp"
#include "runtime/device/host/cores.hpp"

namespace warpstep::kernels::memtest {

/// Writes a pattern over all of `buffer`, reads it back, and counts 64-bit words that are not what
/// was written; goes on after errors. The buffer's content is lost.
///   walking_bit        one bit set in every word, moved on in 64 phases
///   own_address        every word holds its index, then the complement
///   moving_inversions  0 and its complement, 0101… and its complement
///   random             words from `seed`, then their complements
///   bit_fade           all ones, a wait of `seconds`, read; then all zeros likewise
/// Shape:  buffer of any type whose address and bytes are multiples of 8; report [>= 3] i64:
/// errors, index of
///         the first wrong word (-1: none), the bits that were wrong in any.
/// Units:  writes and reads the buffer once in every phase.
/// Errors: ConfigError from check_*.
/// Source: the classes of patterns of memtest86 and of cuda_memtest (Shi et al., 2009).
void walking_bit(const Arguments& arguments, const device::host::Cores& cores);
void own_address(const Arguments& arguments, const device::host::Cores& cores);
void moving_inversions(const Arguments& arguments, const device::host::Cores& cores);
void random(const Arguments& arguments, const device::host::Cores& cores);
void bit_fade(const Arguments& arguments, const device::host::Cores& cores);

void check_memtest(const Arguments& arguments);
void check_bit_fade(const Arguments& arguments);

}  // namespace warpstep::kernels::memtest
