// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/nvidia_driver.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temporary_folder.hpp"

using namespace warpstep::topology;
using warpstep::test::TemporaryFolder;

namespace {

std::string information(const char* uuid, int minor) {
    return "Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   \t\t 123\nGPU UUID: \t " + std::string(uuid) +
           "\nBus Location: \t 0000:1b:00.0\nDevice Minor: \t " + std::to_string(minor) + "\n";
}

Gpu nvidia_gpu(unsigned bus) {
    Gpu gpu;
    gpu.pci.bus = bus;
    gpu.vendor = nvidia_vendor;
    return gpu;
}

/// The driver's files of a machine in a temporary folder.
class Machine {
  public:
    Machine() {
        files.proc = folder_ / "proc";
        files.dev = folder_ / "dev";
        std::filesystem::create_directories(files.dev);
    }
    void drive(const Gpu& gpu, int minor) {
        const std::string folder = files.proc + "/gpus/" + show(gpu.pci);
        std::filesystem::create_directories(folder);
        std::ofstream(folder + "/information") << information("GPU-1", minor);
    }
    void show_device(const std::string& name) { std::ofstream(files.dev + "/" + name) << ""; }

    DriverFiles files;

  private:
    TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("topology: the NVIDIA driver tells model, UUID and minor number") {
    const char* uuid = "GPU-11111111-2222-3333-4444-555555555555";
    Gpu gpu;
    CHECK(add_driver_information(information(uuid, 3), gpu) == 3);
    CHECK(gpu.name == "NVIDIA H100 80GB HBM3");
    CHECK(gpu.uuid == uuid);

    Gpu known;
    known.name = "H100";
    known.uuid = "GPU-known";
    add_driver_information(information(uuid, 0), known);
    CHECK(known.name == "H100");
    CHECK(known.uuid == "GPU-known");
}

TEST_CASE("topology: a UUID that the driver does not know yet stays empty") {
    Gpu gpu;
    const std::string unknown(8, '?');
    CHECK_FALSE(add_driver_information("GPU UUID: \t GPU-" + unknown + "\nno colon\n", gpu));
    CHECK(gpu.uuid.empty());
    CHECK(gpu.name.empty());
    CHECK_FALSE(add_driver_information("Device Minor: \t x\n", gpu));
}

TEST_CASE("topology: a GPU whose device file cannot be opened is not visible") {
    Machine machine;
    std::vector<Gpu> gpus = {nvidia_gpu(1), nvidia_gpu(2)};
    machine.drive(gpus[0], 1);
    machine.drive(gpus[1], 0);
    machine.show_device("nvidia0");
    add_driver_information(machine.files, gpus);
    CHECK_FALSE(gpus[0].visible);
    CHECK(gpus[1].visible);
    CHECK(gpus[1].uuid == "GPU-1");
}

TEST_CASE("topology: a GPU that the driver does not drive is not visible beside those it drives") {
    Machine machine;
    std::vector<Gpu> gpus = {nvidia_gpu(1), nvidia_gpu(2), Gpu()};
    machine.drive(gpus[1], 0);
    machine.show_device("nvidia0");
    add_driver_information(machine.files, gpus);
    CHECK_FALSE(gpus[0].visible);
    CHECK(gpus[1].visible);
    CHECK(gpus[2].visible);  // another vendor's
}

TEST_CASE("topology: without the driver's files every GPU counts as visible") {
    Machine machine;
    std::vector<Gpu> gpus = {nvidia_gpu(1)};
    add_driver_information(machine.files, gpus);
    CHECK(gpus[0].visible);
    CHECK(gpus[0].uuid.empty());
    CHECK_FALSE(has_nvidia_driver(machine.files));
    machine.show_device("nvidiactl");
    CHECK(has_nvidia_driver(machine.files));
}
