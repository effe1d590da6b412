// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <string>

#include "runtime/topology/read.hpp"

namespace warpstep::topology {

namespace {

using PciAttributes = hwloc_obj_attr_u::hwloc_pcidev_attr_s;

constexpr unsigned nvidia = 0x10de, amd = 0x1002;
// AMD's own vendor id on a display adapter of server boards.
constexpr unsigned ati_es1000 = 0x515e;

/// Display controllers and accelerators of the vendors we run on; BMC display adapters are none.
bool is_gpu(const PciAttributes& pci) {
    const bool display = pci.class_id == 0x0300 || pci.class_id == 0x0302 || pci.class_id == 0x0380;
    const bool accelerator = pci.class_id == 0x1200;
    const bool decoy = pci.vendor_id == amd && pci.device_id == ati_es1000;
    return (display || accelerator) && (pci.vendor_id == nvidia || pci.vendor_id == amd) && !decoy;
}

bool is_nic(const PciAttributes& pci) {
    return pci.class_id == 0x0200 || pci.class_id == 0x0207;
}

PciAddress address_of(const PciAttributes& pci) {
    return {pci.domain, pci.bus, pci.dev, pci.func};
}

/// The OS devices of one PCI function (card0, nvml0, mlx5_0, …).
std::vector<hwloc_obj_t> os_devices_below(hwloc_topology_t topology, hwloc_obj_t pci) {
    std::vector<hwloc_obj_t> devices;
    hwloc_obj_t device = nullptr;
    while ((device = hwloc_get_next_osdev(topology, device))) {
        hwloc_obj_t parent = device->parent;
        while (parent && parent->type == HWLOC_OBJ_OS_DEVICE) parent = parent->parent;
        if (parent == pci) devices.push_back(device);
    }
    return devices;
}

/// The first known value of the first key that has one; the smallest, so that device order does not
/// matter.
std::string info_of(const std::vector<hwloc_obj_t>& objects, const std::vector<const char*>& keys) {
    for (const char* key : keys) {
        std::set<std::string> values;
        for (const hwloc_obj_t object : objects)
            if (const char* value = hwloc_obj_get_info_by_name(object, key)) values.insert(value);
        values.erase("");
        if (!values.empty()) return *values.begin();
    }
    return "";
}

CpuSet cpus_near(hwloc_topology_t topology, hwloc_obj_t device) {
    hwloc_obj_t ancestor = hwloc_get_non_io_ancestor_obj(topology, device);
    while (ancestor->parent && (!ancestor->cpuset || hwloc_bitmap_iszero(ancestor->cpuset)))
        ancestor = ancestor->parent;
    return CpuSet(ancestor->cpuset);
}

/// The one memory node with CPUs that meets these CPUs, -1 for several or none.
int single_numa(const Node& node, const CpuSet& cpus) {
    int found = -1;
    for (const NumaNode& numa : node.numa_nodes) {
        if (!numa.cpus.intersects(cpus)) continue;
        if (found != -1) return -1;
        found = numa.os_index;
    }
    return found;
}

Gpu read_gpu(hwloc_topology_t topology, hwloc_obj_t pci, const Node& node) {
    std::vector<hwloc_obj_t> sources = os_devices_below(topology, pci);
    Gpu gpu;
    gpu.pci = address_of(pci->attr->pcidev);
    gpu.uuid = info_of(sources, {"NVIDIAUUID", "AMDUUID"});
    gpu.serial = info_of(sources, {"NVIDIASerial", "AMDSerial"});
    sources.push_back(pci);
    gpu.name = info_of(sources, {"GPUModel", "PCIDevice"});
    gpu.near_cpus = cpus_near(topology, pci);
    gpu.numa = single_numa(node, gpu.near_cpus);
    const auto with_cpus = std::count_if(node.numa_nodes.begin(), node.numa_nodes.end(),
                                         [](const NumaNode& numa) { return !numa.cpus.empty(); });
    gpu.located = with_cpus <= 1 || gpu.near_cpus != node.cpus;
    return gpu;
}

/// The name that NCCL and UCX use (mlx5_0) where there is one, else the network interface.
std::string nic_name(const std::vector<hwloc_obj_t>& devices) {
    std::set<std::string> fabric, network;
    for (const hwloc_obj_t device : devices) {
        if (!device->name) continue;
        const auto type = device->attr->osdev.type;
        if (type == HWLOC_OBJ_OSDEV_OPENFABRICS) fabric.insert(device->name);
        if (type == HWLOC_OBJ_OSDEV_NETWORK) network.insert(device->name);
    }
    if (!fabric.empty()) return *fabric.begin();
    return network.empty() ? "" : *network.begin();
}

template <typename Device>
void sort_by_address(std::vector<Device>& devices) {
    std::sort(devices.begin(), devices.end(),
              [](const Device& a, const Device& b) { return a.pci < b.pci; });
}

}  // namespace

void read_devices(const HwlocTopology& owner, Node& node) {
    const hwloc_topology_t topology = owner.get();
    hwloc_obj_t pci = nullptr;
    while ((pci = hwloc_get_next_pcidev(topology, pci))) {
        const PciAttributes& attributes = pci->attr->pcidev;
        if (is_gpu(attributes)) node.gpus.push_back(read_gpu(topology, pci, node));
        if (is_nic(attributes))
            node.nics.push_back({address_of(attributes),
                                 nic_name(os_devices_below(topology, pci)),
                                 false,
                                 single_numa(node, cpus_near(topology, pci)),
                                 cpus_near(topology, pci),
                                 {}});
    }
    sort_by_address(node.gpus);
    sort_by_address(node.nics);
}

}  // namespace warpstep::topology
