// SPDX-License-Identifier: Apache-2.0
// Machines for tests: hwloc 2 XML written from a short description, because hwloc's synthetic
// topologies have no I/O objects.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace warpstep::testing {

/// Where a device hangs: NUMA node 0, 1, … or the machine itself (nothing tells where it is).
constexpr int unlocated = -1;

struct GpuModel {
    std::string pci;  ///< "0000:1b:00.0"
    int numa = unlocated;
    std::string uuid;  ///< "": nothing tells (a PCI-only topology)
    std::string serial;
    unsigned pci_class = 0x0302, vendor = 0x10de, device = 0x2330;
    int package = unlocated;                   ///< with numa unlocated: it hangs on this package
    std::vector<std::string> mig = {};         ///< values of infos named MIGUUID
    std::vector<std::string> more_uuids = {};  ///< further devices on the same function
    unsigned memory_mib = 0;                   ///< what CUDA tells; 0: nothing
};

/// Any other PCI function: a network adapter, a BMC's display adapter.
struct PciModel {
    std::string pci;
    int numa = unlocated;
    unsigned pci_class = 0x0200, vendor = 0x15b3, device = 0x1021;
    std::string network, fabric;  ///< names of OS devices; "": none
};

struct MachineModel {
    int packages = 1;
    int numa_per_package = 1;
    int cores_per_numa = 4;
    int smt = 1;  ///< PU of thread t of core c is t*cores + c, as Linux numbers them
    std::uint64_t memory_bytes = std::uint64_t{64} << 30;  ///< of each NUMA node with CPUs
    int cpuless_nodes = 0;                                 ///< after the others, with memory
    std::vector<GpuModel> gpus;
    std::vector<PciModel> devices;
    std::vector<std::vector<int>> distances =
        {};  ///< latencies between the NUMA nodes; empty: none

    int numa_nodes() const { return packages * numa_per_package; }
    int cores() const { return numa_nodes() * cores_per_numa; }
};

std::string topology_xml(const MachineModel& machine);

/// 2 packages of 56 cores with 2 threads, 8 GPUs, a network adapter beside each.
MachineModel dgx_like();
/// 8 NUMA nodes of 8 cores with 4 GPUs on nodes 3, 1, 7 and 5, by PCI address.
MachineModel rome_like();

/// A file that lives as long as this object.
class TemporaryFile {
  public:
    explicit TemporaryFile(const std::string& content);
    ~TemporaryFile();
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

}  // namespace warpstep::testing
