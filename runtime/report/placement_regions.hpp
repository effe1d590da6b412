// SPDX-License-Identifier: Apache-2.0
// Private to the room: which parts of a node are drawn together.
#pragma once

#include <string>
#include <vector>

#include "runtime/report/placement_nodes.hpp"

namespace warpstep::report {

/// Devices in one column: a GPU (-1: none) and the adapters below it.
struct DeviceColumn {
    int gpu = -1;
    std::vector<int> nics;
};

/// The part of a NUMA node that lies in one package.
struct Region {
    int package = 0, numa = -1;
    std::string title;       ///< "NUMA 0 · 1 TiB"
    std::vector<int> cores;  ///< indices into Node::cores
    std::vector<DeviceColumn> devices;
};

struct Regions {
    std::vector<Region> numa;                            ///< by package, then in order of cores
    std::vector<std::vector<DeviceColumn>> of_packages;  ///< near a package, but no one NUMA node
    std::vector<DeviceColumn> elsewhere;                 ///< near several packages or unlocated
    std::vector<std::string> cpuless;  ///< memory without cores of its own: "NUMA 2 · 96 GiB"
};

Regions regions_of(const PlacedNodes& nodes, const Owners& owners);

}  // namespace warpstep::report
