// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "runtime/topology/node.hpp"

namespace warpstep::topology {

/// Where the description of the node comes from and what the step was granted, all as found in the
/// environment.
struct NodeRequest {
    std::optional<std::string> xml;           ///< WARPSTEP_TOPOLOGY; nothing: the live machine
    std::optional<std::string> allowed_cpus;  ///< WARPSTEP_ALLOWED_CPUS; only meaningful with xml
    std::optional<std::string> visible_gpus;  ///< CUDA_VISIBLE_DEVICES
    std::optional<std::string> slurm_gpus;    ///< SLURM_STEP_GPUS; used without visible_gpus
    std::optional<std::string> device_order;  ///< CUDA_DEVICE_ORDER
    /// WARPSTEP_NVML_LIBRARY. Nothing: libnvidia-ml.so.1, and only where PCI or a device file shows
    /// an NVIDIA GPU.
    std::optional<std::string> nvml_library;
    /// False: NVML is not asked, for callers that cannot bear a driver that hangs.
    bool ask_nvml = true;
};

/// Reads the request from variables; `lookup` is getenv or a test's map.
NodeRequest node_request(const std::function<const char*(const char*)>& lookup);

/// Reads the topology with I/O objects and folds OS devices into PCI functions. Local, blocking, no
/// CUDA context. GPUs are found by PCI class (0300, 0302, 0380, 1200) and vendor (NVIDIA, AMD), BMC
/// display adapters are dropped; on the live machine the NVIDIA driver's files and NVML add what
/// they know, MIG instances among it. In a described machine the instances are the infos named
/// MIGUUID ("MIG-…" or "MIG-…,memory in MiB") of a GPU's objects.
/// Errors: ConfigError for an unreadable or malformed XML, a cpuset outside the machine, a topology
/// without PUs and, with an XML, a GPU list with an entry that names no GPU of it (a live list ends
/// there, as CUDA's does); EnvironmentError when hwloc cannot read this machine. That NVML does not
/// work is no error but Node::nvml_problem.
Node discover_node(const NodeRequest& request);

}  // namespace warpstep::topology
