// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/arguments.hpp"
#include "runtime/device/host/cores.hpp"

namespace warpstep::kernels {

/// Multiplies the same matrices again and again and compares every result, bit by bit, with the
/// first one: c <- a * b, `rounds` times in one launch.
/// Shape:  a, b, c as gemm (alpha 1, beta 0, its words and limits); first is as c and overlaps
///         nothing; report [>= 4] i64. rounds >= 1, a whole number.
/// Report: errors: elements that differed, over all rounds. first_wrong: the smallest index in c
/// that
///         ever differed, -1 when none did. checksum: of the latest c, 52 bits, so that ranks with
///         equal matrices can be compared: it finds the device that is wrong every time. rounds:
///         done so far. All are counted on from launch to launch; a report whose `rounds` is 0
///         starts anew: that round's c becomes `first`.
/// Units:  2 m n k flops for each round; moves what gemm does and reads c and first.
/// Errors: as gemm; ConfigError from check_burn.
/// Source: the checksum is the sum modulo 2^52 of splitmix64(index * 2^64/phi + bits of the
/// element)
///         (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). A sum has no
///         order, so every device finds the same one.
void burn(const Arguments& arguments, const device::host::Cores& cores);
void check_burn(const Arguments& arguments);

/// Words of the report, in order.
enum BurnWord { burn_errors, burn_first_wrong, burn_checksum, burn_rounds, burn_words };

constexpr std::uint64_t burn_checksum_mask = (std::uint64_t{1} << 52) - 1;

double burn_bytes(const Arguments& arguments);
double burn_flops(const Arguments& arguments);

}  // namespace warpstep::kernels
