// SPDX-License-Identifier: Apache-2.0
// Private to the room: from hwloc's objects to our values.
#pragma once

#include "runtime/topology/hwloc_topology.hpp"
#include "runtime/topology/node.hpp"

namespace warpstep::topology {

/// Fills cpus, packages, cores and numa_nodes.
void read_cpus(const HwlocTopology& topology, Node& node);
/// Fills numa_distances; needs what read_cpus fills, as the next two do.
void read_distances(const HwlocTopology& topology, Node& node);
/// Fills gpus.
void read_gpus(const HwlocTopology& topology, Node& node);
/// Fills nics.
void read_nics(const HwlocTopology& topology, Node& node);

/// Sets where a GPU is from the CPUs near it.
void locate(Gpu& gpu, const CpuSet& near, const Node& node);

}  // namespace warpstep::topology
