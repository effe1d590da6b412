// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/watch.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/support/fake_device.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;
using execution::Conditions;

namespace {

/// Counts its readings, each hotter and slower than the one before; every second one throttled.
class Hot final : public test::FakeDevice {
  public:
    explicit Hot(device::Kind kind = device::Kind::cuda) { facts_.kind = kind; }
    device::Condition condition() const override {
        const int n = ++readings;
        device::Condition now;
        now.sm_clock = (2000 - n) * 1e6;
        now.power = 500;
        now.power_limit = 700 - n;
        now.temperature = 50 + n;
        if (n % 2 == 0) now.throttled = {"power cap"};
        return now;
    }
    mutable std::atomic<int> readings{0};
};

Conditions watched(const Hot& device, int readings) {
    execution::Watch watch(device);
    while (device.readings < readings) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return watch.end();
}

}  // namespace

TEST_CASE("execution: a watch tells what a device was like while it was watched") {
    const Hot device;
    const Conditions seen = watched(device, 4);
    const int n = device.readings;
    CHECK(seen.at("readings") == n);
    CHECK(seen.at("sm_mhz_least") == 2000 - n);
    CHECK(seen.at("sm_mhz") == doctest::Approx(2000 - (n + 1) / 2.0));
    CHECK(seen.at("power_w") == 500);
    CHECK(seen.at("power_limit_w") == 700 - n);
    CHECK(seen.at("temperature_c") == 50 + n);
    CHECK(seen.at("throttled.power_cap") == doctest::Approx(static_cast<double>(n / 2) / n));
    CHECK(seen.count("memory_mhz") == 0);
    CHECK(seen.count("pcie_gen") == 0);
}

TEST_CASE("execution: a watch that is not asked ends, and one of the host reads nothing") {
    const Hot device, host(device::Kind::host);
    { const execution::Watch watch(device); }
    execution::Watch watch(host);
    CHECK(watch.end().empty());
    CHECK(host.readings == 0);
}

TEST_CASE("execution: the link of a GPU is what the kernel tells") {
    const test::TemporaryFolder folder;
    const std::string gpu = folder / "0000:1b:00.0";
    std::filesystem::create_directory(gpu);
    std::ofstream(gpu + "/current_link_speed") << "2.5 GT/s PCIe\n";
    std::ofstream(gpu + "/current_link_width") << "8\n";
    std::ofstream(gpu + "/max_link_speed") << "32.0 GT/s PCIe\n";
    std::ofstream(gpu + "/max_link_width") << "16\n";
    CHECK(execution::pci_link("0000:1b:00.0", folder.path()) ==
          Conditions{
              {"pcie_gen", 1}, {"pcie_max_gen", 5}, {"pcie_max_width", 16}, {"pcie_width", 8}});
    CHECK(execution::pci_link("0000:1c:00.0", folder.path()).empty());
    CHECK(execution::pci_link("", folder.path()).empty());
    std::ofstream(gpu + "/current_link_speed") << "Unknown\n";
    std::ofstream(gpu + "/current_link_width") << "63\n";
    CHECK(execution::pci_link("0000:1b:00.0", folder.path()).count("pcie_gen") == 0);
    CHECK(execution::pci_link("0000:1b:00.0", folder.path()).count("pcie_width") == 0);
}
