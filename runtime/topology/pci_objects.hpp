// SPDX-License-Identifier: Apache-2.0
// Private to the room: questions that GPUs and network adapters ask about their hwloc objects.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "runtime/topology/hwloc_topology.hpp"
#include "runtime/topology/node.hpp"

namespace warpstep::topology {

using PciAttributes = hwloc_obj_attr_u::hwloc_pcidev_attr_s;

PciAddress address_of(const PciAttributes& pci);
/// The OS devices of one PCI function (card0, nvml0, mlx5_0, …).
std::vector<hwloc_obj_t> os_devices_below(hwloc_topology_t topology, hwloc_obj_t pci);
/// PUs of the nearest ancestor that has any.
CpuSet cpus_near(hwloc_topology_t topology, hwloc_obj_t device);
/// The one memory node with CPUs that meets these CPUs, -1 for several or none.
int single_numa(const Node& node, const CpuSet& cpus);
/// The bridges above a device, the host bridge first.
PciPath path_to(hwloc_obj_t device);

/// Every known value of an info key, sorted and without duplicates, so that the order of devices
/// does not matter.
std::vector<std::string> infos(const std::vector<hwloc_obj_t>& objects, const char* key);
/// The smallest value of the first key that has one, "" without any.
std::string info_of(const std::vector<hwloc_obj_t>& objects, const std::vector<const char*>& keys);

template <typename Device>
void sort_by_address(std::vector<Device>& devices) {
    std::stable_sort(devices.begin(), devices.end(),
                     [](const Device& a, const Device& b) { return a.pci < b.pci; });
}

}  // namespace warpstep::topology
