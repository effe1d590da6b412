// SPDX-License-Identifier: Apache-2.0
// How quantities are shown. GB = 1e9 bytes, GiB = 2^30 bytes.
#pragma once

#include <cstdint>
#include <string>

namespace warpstep {

/// "96 MiB": binary prefix, at most three digits and one decimal.
std::string show_bytes(std::uint64_t bytes);
/// "1.25 ms", "3.4 us", "2.0 s".
std::string show_seconds(double seconds);
/// "42.3 GB/s"; decimal prefix.
std::string show_bytes_per_second(double rate);
/// "790 TFLOP/s"; decimal prefix.
std::string show_flops_per_second(double rate);

}  // namespace warpstep
