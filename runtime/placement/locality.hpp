// SPDX-License-Identifier: Apache-2.0
// Private to the room: what the step may use, in the order of the hardware.
#pragma once

#include <vector>

#include "runtime/topology/node.hpp"

namespace warpstep::placement {

/// A core with the PUs of it that are allowed.
struct AllowedCore {
    int logical = 0, package = 0, numa = -1;
    topology::CpuSet cpus;
};

/// The cores that meet the allowed set, by package, NUMA node and logical index.
std::vector<AllowedCore> allowed_cores(const topology::Node& node);

/// The step's GPUs by package, NUMA node and PCI address; those without known locality last.
std::vector<int> gpus_in_order(const topology::Node& node);

/// All CPUs near any of these GPUs; every CPU when one of them is near all of them.
topology::CpuSet near_any(const topology::Node& node, const std::vector<int>& gpus);

/// How much two neighbouring cores have between them: nothing, a NUMA boundary, a package boundary.
int seam(const AllowedCore& a, const AllowedCore& b);

}  // namespace warpstep::placement
