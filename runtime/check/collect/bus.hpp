// SPDX-License-Identifier: Apache-2.0
// Private to the room: NVIDIA's GPUs as the PCI bus and the driver's files show them.
#pragma once

#include <vector>

#include "runtime/check/collect.hpp"

namespace warpstep::check {

/// PCI functions of NVIDIA GPUs, by address, with what the driver's files say of them. Functions
/// that another driver has taken (vfio-pci, for a virtual machine) are left out.
std::vector<GpuFacts> gpus_on_bus(const Sources& sources);

/// A PCI function, the driver, or a library that was named: something that NVML could be asked
/// about.
bool nvidia_is_here(const Sources& sources);

/// Whether its device file can be opened, by its minor number.
std::optional<bool> device_file_opens(const Sources& sources, int minor);

/// The bridges above a PCI function, nearest first, as folders of sysfs that end with its own.
std::vector<std::string> folders_above(const Sources& sources, const std::string& pci);

}  // namespace warpstep::check
