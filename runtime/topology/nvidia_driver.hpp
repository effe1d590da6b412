// SPDX-License-Identifier: Apache-2.0
// Private to the room: what the NVIDIA driver says in /proc/driver/nvidia/gpus about its GPUs.
// Debian's hwloc comes without NVML, and asking the driver's libraries would take longer than
// everything else here.
#pragma once

#include <string_view>
#include <vector>

#include "runtime/topology/node.hpp"

namespace warpstep::topology {

/// Fills name and UUID, where they are empty, from the text of one "information" file.
void add_driver_information(std::string_view information, Gpu& gpu);
/// The same for GPUs of this machine; a GPU that the driver does not know stays as it is.
void add_driver_information(std::vector<Gpu>& gpus);

}  // namespace warpstep::topology
