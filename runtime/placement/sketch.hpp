// SPDX-License-Identifier: Apache-2.0
// Private to the room: a machine in a few words, and the Node that it describes.
#pragma once

#include <vector>

#include "runtime/topology/node.hpp"

namespace warpstep::placement {

struct Sketch {
    enum class Level { machine, package, numa, cache };
    struct Device {
        Level level = Level::numa;
        int place = 0;    ///< NUMA node (its package for Level::package)
        int bridge = -1;  ///< the switch it is behind; -1: on a host bridge of its own NUMA node
        bool fabric = true;
    };

    int packages = 1, numa_per_package = 1, cores_per_numa = 4, smt = 1;
    int first_cpu = 0, cpu_step = 1;  ///< numbering of the PUs
    bool threads_together = false;    ///< PUs of a core are numbered one after the other
    std::vector<int> offline;         ///< PUs, counted from 0
    bool hybrid = false;              ///< every other core has one PU only
    bool has_numa = true, has_memory_everywhere = true, has_distances = false, has_bridges = true;
    int numa_step = 1;  ///< OS indices of the NUMA nodes
    int cpuless_nodes = 0;
    int instances = 0;  ///< MIG instances of the first GPU; 0: a whole GPU
    std::vector<Device> gpus, nics;

    int numa_nodes() const { return packages * numa_per_package; }
};

topology::Node node_of(const Sketch& sketch);

}  // namespace warpstep::placement
