// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/pci_objects.hpp"

#include <set>
#include <string_view>

namespace warpstep::topology {

PciAddress address_of(const PciAttributes& pci) {
    return {pci.domain, pci.bus, pci.dev, pci.func};
}

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

CpuSet cpus_near(hwloc_topology_t topology, hwloc_obj_t device) {
    hwloc_obj_t ancestor = hwloc_get_non_io_ancestor_obj(topology, device);
    while (ancestor->parent && (!ancestor->cpuset || hwloc_bitmap_iszero(ancestor->cpuset)))
        ancestor = ancestor->parent;
    return CpuSet(ancestor->cpuset);
}

int single_numa(const Node& node, const CpuSet& cpus) {
    int found = -1;
    for (const NumaNode& numa : node.numa_nodes) {
        if (!numa.cpus.intersects(cpus)) continue;
        if (found != -1) return -1;
        found = numa.os_index;
    }
    return found;
}

PciPath path_to(hwloc_obj_t device) {
    PciPath path;
    for (hwloc_obj_t object = device->parent; object; object = object->parent)
        if (object->type == HWLOC_OBJ_BRIDGE)
            path.push_back(static_cast<int>(object->logical_index));
    std::reverse(path.begin(), path.end());
    return path;
}

std::vector<std::string> infos(const std::vector<hwloc_obj_t>& objects, const char* key) {
    std::set<std::string> values;
    for (const hwloc_obj_t object : objects)
        for (unsigned i = 0; i < object->infos_count; ++i)
            if (std::string_view(object->infos[i].name) == key)
                values.insert(object->infos[i].value);
    values.erase("");
    return {values.begin(), values.end()};
}

std::string info_of(const std::vector<hwloc_obj_t>& objects, const std::vector<const char*>& keys) {
    for (const char* key : keys) {
        const std::vector<std::string> values = infos(objects, key);
        if (!values.empty()) return values.front();
    }
    return "";
}

}  // namespace warpstep::topology
