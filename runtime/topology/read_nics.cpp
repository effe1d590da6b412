// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "runtime/topology/pci_objects.hpp"
#include "runtime/topology/read.hpp"

namespace warpstep::topology {

namespace {

constexpr unsigned ethernet = 0x0200, infiniband = 0x0207, fabric = 0x0208;

bool is_nic(const PciAttributes& pci) {
    return pci.class_id == ethernet || pci.class_id == infiniband || pci.class_id == fabric;
}

std::set<std::string> names_of(const std::vector<hwloc_obj_t>& devices,
                               hwloc_obj_osdev_type_t type) {
    std::set<std::string> names;
    for (const hwloc_obj_t device : devices)
        if (device->name && device->attr->osdev.type == type) names.insert(device->name);
    return names;
}

Nic read_nic(hwloc_topology_t topology, hwloc_obj_t pci, const Node& node) {
    const std::vector<hwloc_obj_t> devices = os_devices_below(topology, pci);
    // NCCL and UCX speak of mlx5_0, not of its network interface.
    const auto verbs = names_of(devices, HWLOC_OBJ_OSDEV_OPENFABRICS);
    const auto network = names_of(devices, HWLOC_OBJ_OSDEV_NETWORK);
    Nic nic;
    nic.pci = address_of(pci->attr->pcidev);
    if (!verbs.empty()) nic.name = *verbs.begin();
    if (verbs.empty() && !network.empty()) nic.name = *network.begin();
    // A topology of PCI functions alone still tells InfiniBand by its class.
    nic.fabric = !verbs.empty() || pci->attr->pcidev.class_id != ethernet;
    nic.near_cpus = cpus_near(topology, pci) & node.cpus;
    nic.numa = single_numa(node, nic.near_cpus);
    nic.path = path_to(pci);
    return nic;
}

}  // namespace

void read_nics(const HwlocTopology& owner, Node& node) {
    const hwloc_topology_t topology = owner.get();
    hwloc_obj_t pci = nullptr;
    while ((pci = hwloc_get_next_pcidev(topology, pci)))
        if (is_nic(pci->attr->pcidev)) node.nics.push_back(read_nic(topology, pci, node));
    sort_by_address(node.nics);
}

}  // namespace warpstep::topology
