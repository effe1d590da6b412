// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <charconv>

#include "runtime/base/text.hpp"
#include "runtime/topology/mig.hpp"
#include "runtime/topology/pci_objects.hpp"
#include "runtime/topology/read.hpp"

namespace warpstep::topology {

namespace {

// AMD's own vendor id on a display adapter of server boards.
constexpr unsigned ati_es1000 = 0x515e;

/// Display controllers and accelerators of the vendors we run on; BMC display adapters are none.
bool is_gpu(const PciAttributes& pci) {
    const bool display = pci.class_id == 0x0300 || pci.class_id == 0x0302 || pci.class_id == 0x0380;
    const bool accelerator = pci.class_id == 0x1200;
    const bool known = pci.vendor_id == nvidia_vendor || pci.vendor_id == amd_vendor;
    const bool decoy = pci.vendor_id == amd_vendor && pci.device_id == ati_es1000;
    return (display || accelerator) && known && !decoy;
}

std::uint64_t leading_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} ? value : 0;
}

/// hwloc gives sizes in KiB.
std::uint64_t memory_of(const std::vector<hwloc_obj_t>& devices) {
    return 1024 * leading_number(info_of(
                      devices, {"CUDAGlobalMemorySize", "RSMIVRAMSize", "OpenCLGlobalMemorySize"}));
}

/// "MIG-…" or "MIG-…,4864", memory in MiB; attributes keep their order, in which CUDA counts.
std::vector<MigInstance> instances_of(const std::vector<hwloc_obj_t>& objects) {
    std::vector<MigInstance> instances;
    for (const hwloc_obj_t object : objects)
        for (unsigned i = 0; i < object->infos_count; ++i) {
            if (std::string_view(object->infos[i].name) != "MIGUUID") continue;
            const std::vector<std::string> fields = split(object->infos[i].value, ',');
            if (fields.empty() || trim(fields[0]).empty()) continue;
            MigInstance instance;
            instance.uuid = trim(fields[0]);
            if (fields.size() > 1) instance.memory_bytes = leading_number(trim(fields[1])) << 20;
            instances.push_back(instance);
        }
    return instances;
}

/// The devices of a split accelerator share one function, and a task can own the function only.
void note_several_devices(const Gpu& gpu, const std::vector<hwloc_obj_t>& devices, Node& node) {
    const auto uuids =
        std::max(infos(devices, "NVIDIAUUID").size(), infos(devices, "AMDUUID").size());
    if (uuids > 1)
        node.notes.push_back(
            fmt::format("GPU {} has {} devices on one PCI function; they count as one GPU",
                        show(gpu.pci), uuids));
}

Gpu read_gpu(hwloc_topology_t topology, hwloc_obj_t pci, Node& node) {
    std::vector<hwloc_obj_t> sources = os_devices_below(topology, pci);
    Gpu gpu;
    gpu.pci = address_of(pci->attr->pcidev);
    gpu.vendor = pci->attr->pcidev.vendor_id;
    gpu.uuid = info_of(sources, {"NVIDIAUUID", "AMDUUID"});
    gpu.serial = info_of(sources, {"NVIDIASerial", "AMDSerial"});
    gpu.memory_bytes = memory_of(sources);
    note_several_devices(gpu, sources, node);
    sources.push_back(pci);
    gpu.name = info_of(sources, {"GPUModel", "PCIDevice"});
    gpu.path = path_to(pci);
    locate(gpu, cpus_near(topology, pci), node);
    return gpu;
}

}  // namespace

void locate(Gpu& gpu, const CpuSet& near, const Node& node) {
    gpu.near_cpus = near & node.cpus;
    gpu.numa = single_numa(node, gpu.near_cpus);
    const auto with_cpus = std::count_if(node.numa_nodes.begin(), node.numa_nodes.end(),
                                         [](const NumaNode& numa) { return !numa.cpus.empty(); });
    gpu.located = with_cpus <= 1 || gpu.near_cpus != node.cpus;
}

void read_gpus(const HwlocTopology& owner, Node& node) {
    const hwloc_topology_t topology = owner.get();
    hwloc_obj_t pci = nullptr;
    while ((pci = hwloc_get_next_pcidev(topology, pci))) {
        if (!is_gpu(pci->attr->pcidev)) continue;
        const Gpu gpu = read_gpu(topology, pci, node);
        std::vector<hwloc_obj_t> objects = os_devices_below(topology, pci);
        objects.insert(objects.begin(), pci);
        add_expanded(gpu, instances_of(objects), node.gpus);
    }
    order_gpus(node.gpus);
}

}  // namespace warpstep::topology
