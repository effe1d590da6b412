// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/counted.hpp"

#include <doctest/doctest.h>

TEST_CASE("base: one is singular, any other number plural") {
    CHECK(warpstep::counted(0, "node") == "0 nodes");
    CHECK(warpstep::counted(1, "node") == "1 node");
    CHECK(warpstep::counted(2, "NUMA node") == "2 NUMA nodes");
    CHECK(warpstep::counted(1, "process") == "1 process");
    CHECK(warpstep::counted(3, "process") == "3 processes");
}
