// SPDX-License-Identifier: Apache-2.0
// What is this node? The whole machine as a value, never restricted; what the step may use stands
// beside it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/topology/cpu_set.hpp"

namespace warpstep::topology {

struct PciAddress {
    unsigned domain = 0, bus = 0, device = 0, function = 0;
    friend auto operator<=>(const PciAddress&, const PciAddress&) = default;
    /// From "0000:1b:00.0" or "00000000:1B:00.0" or "1b:00.0"; nothing when it is not an address.
    static std::optional<PciAddress> parse(std::string_view text);
};
/// "0000:1b:00.0"
std::string show(const PciAddress& address);

struct Core {
    int logical = 0;  ///< L#
    CpuSet cpus;      ///< its PUs
    int package = 0;  ///< logical index
    int numa = -1;    ///< OS index of its nearest NUMA node with CPUs, -1 when the machine has none
};

struct NumaNode {
    int os_index = 0;
    CpuSet cpus;  ///< empty for CPU-less nodes (GPU memory, CXL)
    std::uint64_t memory_bytes = 0;
    bool allowed = true;  ///< the step may allocate there
};

/// The bridges between a PCI function and the CPUs, the host bridge first. The numbers only tell
/// bridges of one Node apart. Empty: a topology without bridges.
using PciPath = std::vector<int>;

constexpr unsigned nvidia_vendor = 0x10de, amd_vendor = 0x1002;

/// A GPU, or one MIG instance of a GPU: what a task can own.
struct Gpu {
    PciAddress pci;                  ///< an instance has that of its GPU
    int index = 0;                   ///< ordinal of the GPU by PCI address over the whole machine
    std::string name;                ///< model, "" when nothing tells
    std::string uuid;                ///< "GPU-…", "" when nothing tells
    std::string mig_uuid;            ///< "MIG-…" of an instance, "" for a whole GPU
    std::string serial;              ///< "" when nothing tells
    std::uint64_t memory_bytes = 0;  ///< 0 when nothing tells
    int numa = -1;         ///< OS index of the NUMA node it hangs on; -1: unknown or several
    CpuSet near_cpus;      ///< PUs of its nearest ancestor that has CPUs
    bool located = false;  ///< false: near_cpus is the whole machine
    PciPath path;
    int mig_index = -1;    ///< position of an instance on its GPU, as CUDA counts; -1: whole GPU
    std::string mig_path;  ///< "GPU instance/compute instance" of an instance, "" when unknown
    bool visible = true;   ///< false: hidden from this step (device cgroup, container, lost)
    unsigned vendor = 0;   ///< PCI vendor, 0 when unknown
    bool usable = true;    ///< false: in MIG mode without instances, so that nothing runs on it

    /// How CUDA_VISIBLE_DEVICES names it: the instance's UUID, else the GPU's, "" without either.
    const std::string& visible_name() const { return mig_uuid.empty() ? uuid : mig_uuid; }
};

struct Nic {
    PciAddress pci;
    std::string name;     ///< "mlx5_0", else the network interface, "" when nothing tells
    bool fabric = false;  ///< InfiniBand, RoCE or another fabric with an OpenFabrics device
    int numa = -1;
    CpuSet near_cpus;
    PciPath path;
};

struct Node {
    std::string source;      ///< "live" or the path of an XML file
    bool simulated = false;  ///< not this machine: plan, but bind nothing
    CpuSet cpus;             ///< every PU of the machine
    CpuSet allowed;          ///< what the tasks may use
    int packages = 0;
    std::vector<Core> cores;
    std::vector<NumaNode> numa_nodes;
    /// How far memory is, [from][to] as in numa_nodes, 10 for a node's own; empty: nothing tells.
    std::vector<std::vector<int>> numa_distances;
    std::vector<Gpu> gpus;  ///< of the machine, by PCI address, the instances of one GPU by UUID
    std::vector<int> step_gpus;  ///< indices into gpus that the step was granted, ascending
    /// The same indices in the order of the list that granted them: a GPU's position is its CUDA
    /// ordinal in a process that inherits the list. (Of several MIG instances a process sees one.)
    std::vector<int> visible_order;
    std::vector<Nic> nics;  ///< by PCI address
    std::string driver;     ///< version of the NVIDIA driver, "" when nothing tells
    /// Why NVML told nothing ("driver and library do not match …"); "" when it did or was not
    /// asked: a described machine, or no sign of an NVIDIA GPU.
    std::string nvml_problem;
    std::vector<std::string> notes;  ///< what a user should know about the GPUs, one line each
};

}  // namespace warpstep::topology
