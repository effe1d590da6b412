// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/nvidia_driver.hpp"

#include <doctest/doctest.h>

#include <string>

using warpstep::topology::add_driver_information;
using warpstep::topology::Gpu;

namespace {

constexpr const char* information =
    "Model: \t\t NVIDIA H100 80GB HBM3\n"
    "IRQ:   \t\t 123\n"
    "GPU UUID: \t GPU-11111111-2222-3333-4444-555555555555\n"
    "Bus Location: \t 0000:1b:00.0\n"
    "Device Minor: \t 0\n";

}  // namespace

TEST_CASE("topology: the NVIDIA driver tells model and UUID where hwloc does not") {
    Gpu gpu;
    add_driver_information(information, gpu);
    CHECK(gpu.name == "NVIDIA H100 80GB HBM3");
    CHECK(gpu.uuid == "GPU-11111111-2222-3333-4444-555555555555");

    Gpu known;
    known.name = "H100";
    known.uuid = "GPU-known";
    add_driver_information(information, known);
    CHECK(known.name == "H100");
    CHECK(known.uuid == "GPU-known");
}

TEST_CASE("topology: a UUID that the driver does not know yet stays empty") {
    Gpu gpu;
    const std::string unknown(8, '?');
    add_driver_information("GPU UUID: \t GPU-" + unknown + "\nno colon\n", gpu);
    CHECK(gpu.uuid.empty());
    CHECK(gpu.name.empty());
}
