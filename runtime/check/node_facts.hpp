// SPDX-License-Identifier: Apache-2.0
// What one node is, as its first task found it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/check/gpu_facts.hpp"

namespace warpstep::check {

struct NumaFacts {
    int os_index = 0;
    std::string cpus;  ///< OS indices, "" for a node without CPUs
    std::uint64_t memory_bytes = 0;
    std::optional<std::uint64_t> free_bytes;
};

/// A network adapter; ports of fabrics from /sys/class/infiniband.
struct NicFacts {
    std::string name, pci;
    bool fabric = false;  ///< InfiniBand or RoCE
    int numa = -1;
    std::string near_cpus;
    int port = 0;            ///< of a fabric
    std::string state;       ///< "ACTIVE", "DOWN", … of a fabric; operstate of others
    std::string link_layer;  ///< "InfiniBand", "Ethernet"
    std::optional<double> rate_gbit_s;
    std::map<std::string, std::uint64_t> errors;  ///< symbol_error, link_downed, …
};

struct NodeFacts {
    std::string name, boot_id;
    std::vector<int> ranks;  ///< of the step, ascending
    bool described = false;  ///< an hwloc XML describes it: hardware state is not this machine's
    std::string kernel, machine;  ///< `uname -r`; "2 packages, 2 NUMA nodes, 112 cores"
    int packages = 0;
    std::vector<std::string> cores;  ///< OS indices of the PUs of each core: "0,112"
    std::string cpus;                ///< every PU
    std::string allowed_cpus;        ///< of the step on this node
    std::vector<NumaFacts> numa;
    std::uint64_t memory_bytes = 0;
    std::vector<NicFacts> nics;

    // GPUs.
    bool has_nvidia = false;          ///< a PCI function or a driver is here
    std::string gpu_problem;          ///< why NVML told nothing; "" when it did or was not asked
    std::string collector_problem;    ///< the collecting child passed its deadline or died: how
    std::vector<GpuFacts> gpus;       ///< all of the node, by PCI address
    std::optional<int> device_files;  ///< /dev/nvidiaN
    std::string driver;               ///< version of libnvidia-ml / the kernel module
    std::string kernel_module;        ///< /sys/module/nvidia/version
    std::optional<int> cuda_driver_version;  ///< 13000
    std::map<std::string, bool> modules;     ///< nvidia_peermem, nvidia_uvm, gdrdrv, … loaded
    std::optional<bool> dma_buf;             ///< the open kernel module's GPUDirect way
    bool mps = false;                        ///< an MPS control pipe answers

    // Kernel settings.
    std::map<std::string, std::string> governors;  ///< scaling_governor -> CPUs
    std::optional<bool> numa_balancing;
    std::string offline_cpus;
    std::optional<bool> acs_redirect, iommu_translating;  ///< root only
    std::optional<bool> aer_errors;  ///< of links above GPUs, fatal or not, but not corrected ones
    std::optional<bool> kernel_log_readable;
    bool virtual_machine = false;

    // Slurm, as its commands or files tell on this node; nothing where they do not.
    std::string slurm_version;           ///< "22.05.8"
    std::optional<int> configured_gpus;  ///< scontrol show node: GPUs of Gres
    std::string node_state, node_reason;
    std::optional<bool> constrain_devices;  ///< cgroup.conf ConstrainDevices
    std::optional<std::int64_t> job_end_s;  ///< seconds since 1970
    bool job_unlimited = false;             ///< the job has no time limit, so no end
    std::optional<bool> job_requeues;
    std::vector<std::string> job_gpus_detail;  ///< scontrol show job -d: "n1 gpu:4(IDX:0-3)"
};

}  // namespace warpstep::check
