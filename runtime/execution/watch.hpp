// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/device/device.hpp"

namespace warpstep::execution {

/// What a device was like while something ran on it, by name; what nobody tells is absent.
///   sm_mhz, memory_mhz, power_w        medians over the readings
///   sm_mhz_least, power_limit_w        the smallest
///   temperature_c                      the largest
///   throttled.power_cap, .hardware_slowdown, .software_thermal, .hardware_thermal, .power_brake
///                                      share of the readings, 0 to 1
///   pcie_gen, pcie_width               the largest: an idle link rests
///   pcie_max_gen, pcie_max_width       what the GPU and its slot could do
///   readings                           how many there were
using Conditions = std::map<std::string, double>;

/// Reads the condition of a device every few milliseconds in a thread of its own. Local; NVML and
/// sysfs only, no work on the device.
class Watch {
  public:
    /// Starts. `device` outlives it.
    explicit Watch(const device::Device& device);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    /// Stops, and tells what was seen. Call once.
    Conditions end();

  private:
    void read_on();
    bool pause();

    const device::Device& device_;
    std::map<std::string, std::vector<double>> seen_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool over_ = false;
    std::thread thread_;
};

/// Generation and width of a PCI Express link, from the kernel: "0000:1b:00.0" in `root`. Absent
/// where the kernel does not tell. Source: Documentation/ABI/testing/sysfs-bus-pci.
Conditions pci_link(const std::string& address, const std::string& root = "/sys/bus/pci/devices");

}  // namespace warpstep::execution
