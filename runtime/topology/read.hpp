// SPDX-License-Identifier: Apache-2.0
// Private to the room: from hwloc's objects to our values.
#pragma once

#include "runtime/topology/hwloc_topology.hpp"
#include "runtime/topology/node.hpp"

namespace warpstep::topology {

/// Fills cpus, packages, cores and numa_nodes.
void read_cpus(const HwlocTopology& topology, Node& node);
/// Fills gpus and nics; needs what read_cpus fills.
void read_devices(const HwlocTopology& topology, Node& node);

}  // namespace warpstep::topology
