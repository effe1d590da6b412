// SPDX-License-Identifier: Apache-2.0
// Private to the room: what NVIDIA's management library says about the GPUs of this machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/topology/mig.hpp"
#include "runtime/topology/node.hpp"

namespace warpstep::topology {

struct NvmlGpu {
    PciAddress pci;
    std::string name, uuid, serial;  ///< "" when NVML does not tell
    std::uint64_t memory_bytes = 0;
    std::vector<int> memory_nodes;  ///< OS indices of the NUMA nodes near it, as the kernel says
    bool mig = false;               ///< MIG mode is on
    std::vector<MigInstance> instances;
};

struct NvmlReading {
    std::string problem;  ///< why there is nothing else; "" when NVML answered
    std::string driver;   ///< version
    std::vector<NvmlGpu> gpus;
    std::vector<std::string> notes;  ///< GPUs that are there and do not answer
};

/// Asks the library at `path`, a file or a name for the dynamic linker. Local, blocking, creates no
/// CUDA context. GPUs that a device cgroup hides are left out. Errors: none are thrown, a library
/// that is absent, too old or does not match the driver is a `problem`.
NvmlReading read_nvml(const std::string& path);

/// Adds what NVML told to a node of which PCI and the operating system have told theirs: fills what
/// is empty, adds GPUs that PCI does not show, puts instances in the place of a GPU in MIG mode,
/// and marks GPUs that NVML does not list as not visible.
void add_nvml(const NvmlReading& reading, Node& node);

}  // namespace warpstep::topology
