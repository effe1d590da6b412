// SPDX-License-Identifier: Apache-2.0
// Private to the room: what the NVIDIA driver says in files. hwloc may come without NVML, and NVML
// may refuse to start.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/topology/node.hpp"

namespace warpstep::topology {

/// Where the driver's files lie; tests have their own.
struct DriverFiles {
    std::string proc = "/proc/driver/nvidia";
    std::string dev = "/dev";
};

/// Fills name and UUID, where they are empty, from the text of one "information" file. Returns the
/// GPU's minor number, that of /dev/nvidiaN.
std::optional<int> add_driver_information(std::string_view information, Gpu& gpu);

/// The same for the NVIDIA GPUs of this machine, and marks those that this process may not open, or
/// that the driver does not drive, as not visible. Without the driver's files nothing changes.
void add_driver_information(const DriverFiles& files, std::vector<Gpu>& gpus);

/// A driver runs here, whatever PCI shows (containers, virtual machines).
bool has_nvidia_driver(const DriverFiles& files);

}  // namespace warpstep::topology
