// SPDX-License-Identifier: Apache-2.0
// Private to the room: what the step may use, in the order of the hardware.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/topology/node.hpp"

namespace warpstep::placement {

/// A core with the PUs of it that tasks may use.
struct AllowedCore {
    int logical = 0, package = 0, numa = -1;
    topology::CpuSet cpus;
};

/// By package, NUMA node and logical index.
bool comes_before(const AllowedCore& a, const AllowedCore& b);

/// The cores that meet the allowed set, in that order; each with its `pus_per_core`
/// allowed PUs, or all of them.
std::vector<AllowedCore> allowed_cores(const topology::Node& node, std::optional<int> pus_per_core);
int pus_in(const std::vector<AllowedCore>& cores);

/// The step's GPUs by package, NUMA node and PCI address, instances of one GPU by UUID; those
/// without known locality last.
std::vector<int> gpus_in_order(const topology::Node& node);

/// All CPUs near any of these GPUs; every CPU when one of them is near all of them.
topology::CpuSet near_any(const topology::Node& node, const std::vector<int>& gpus);

/// "GPU 0000:1b:00.0", with the UUID where it is an instance.
std::string name_of_gpu(const topology::Node& node, int gpu);
/// "NUMA node 0", "NUMA nodes 0,1", or the CPUs themselves where no node has them.
std::string show_nodes(const topology::Node& node, const topology::CpuSet& cpus);

/// How much two neighbouring cores have between them: nothing, a NUMA boundary, a package boundary.
int seam(const AllowedCore& a, const AllowedCore& b);

}  // namespace warpstep::placement
