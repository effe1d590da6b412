// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/units.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace warpstep;

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("base: bytes are shown with binary prefixes") {
    CHECK(show_bytes(0) == "0 B");
    CHECK(show_bytes(1023) == "1023 B");
    CHECK(show_bytes(1024) == "1 KiB");
    CHECK(show_bytes(1536) == "1.5 KiB");
    CHECK(show_bytes(std::uint64_t{96} << 20) == "96 MiB");
    CHECK(show_bytes(std::uint64_t{3} << 50) == "3 PiB");
    CHECK(show_bytes(std::numeric_limits<std::uint64_t>::max()) == "16384 PiB");
}

TEST_CASE("base: bytes that would be rounded to 1024 move to the next prefix") {
    CHECK(show_bytes(1'048'514) == "1023.9 KiB");  // 1023.94 KiB
    CHECK(show_bytes(1'048'535) == "1.0 MiB");     // 1023.96 KiB
    CHECK(show_bytes((std::uint64_t{1} << 40) - 1) == "1.0 TiB");
}

TEST_CASE("base: seconds have three digits and the fitting unit") {
    CHECK(show_seconds(0) == "0.00 ns");
    CHECK(show_seconds(3.4e-9) == "3.40 ns");
    CHECK(show_seconds(34e-6) == "34.0 us");
    CHECK(show_seconds(1.25e-3) == "1.25 ms");
    CHECK(show_seconds(2) == "2.00 s");
    CHECK(show_seconds(3600) == "3600 s");
    CHECK(show_seconds(-1.25e-3) == "-1.25 ms");
}

TEST_CASE("base: seconds that would be rounded to 1000 move to the next unit") {
    CHECK(show_seconds(999.4e-9) == "999 ns");
    CHECK(show_seconds(999.6e-9) == "1.00 us");
    CHECK(show_seconds(999.4e-6) == "999 us");
    CHECK(show_seconds(999.6e-6) == "1.00 ms");
    CHECK(show_seconds(999.6e-3) == "1.00 s");
    CHECK(show_seconds(9.996e-3) == "10.0 ms");
    CHECK(show_seconds(99.96e-3) == "100 ms");
}

TEST_CASE("base: rates have three digits and decimal prefixes") {
    CHECK(show_bytes_per_second(42.3e9) == "42.3 GB/s");
    CHECK(show_bytes_per_second(0) == "0.00 B/s");
    CHECK(show_bytes_per_second(999.4) == "999 B/s");
    CHECK(show_bytes_per_second(999.6) == "1.00 kB/s");
    CHECK(show_bytes_per_second(999.6e9) == "1.00 TB/s");
    CHECK(show_flops_per_second(790e12) == "790 TFLOP/s");
    CHECK(show_flops_per_second(1e18) == "1000 PFLOP/s");
}

TEST_CASE("base: what is not a number is shown as not available") {
    CHECK(show_seconds(std::nan("")) == "n/a");
    CHECK(show_seconds(infinite) == "n/a");
    CHECK(show_bytes_per_second(std::nan("")) == "n/a");
    CHECK(show_flops_per_second(-infinite) == "n/a");
}
