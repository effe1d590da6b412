// SPDX-License-Identifier: Apache-2.0
// How quantities are shown. GB = 1e9 bytes, GiB = 2^30 bytes.
#pragma once

#include <cstdint>
#include <string>

namespace warpstep {

/// "96 MiB", "1.5 KiB": binary prefix, one decimal where the value is not whole.
std::string show_bytes(std::uint64_t bytes);
/// "1.25 ms", "34.0 us", "123 s": three digits; "n/a" for what is not a number, here and below.
std::string show_seconds(double seconds);
/// "42.3 GB/s"; decimal prefix.
std::string show_bytes_per_second(double rate);
/// "790 TFLOP/s"; decimal prefix.
std::string show_flops_per_second(double rate);

}  // namespace warpstep
