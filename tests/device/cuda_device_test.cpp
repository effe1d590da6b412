// SPDX-License-Identifier: Apache-2.0
// The CUDA device over the stand-in libcudart.
#include <doctest/doctest.h>

#include "tests/support/stand_in_cuda.hpp"

using namespace warpstep;

TEST_CASE("device: the stand-in GPUs are listed with UUID, PCI address and bandwidth") {
    const auto devices = comm::cuda_backend().devices();
    REQUIRE(devices.size() == 2);
    CHECK(devices[0].name == "Stand-in GPU");
    CHECK(devices[0].uuid != devices[1].uuid);
    CHECK(devices[0].pci == "0000:10:00.0");
    CHECK(*devices[0].peak_memory_bandwidth == doctest::Approx(3.35e12).epsilon(0.01));
}
