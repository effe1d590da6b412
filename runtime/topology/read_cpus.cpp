// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/topology/read.hpp"

namespace warpstep::topology {

namespace {

/// hwloc gives memory without CPUs (GPU memory, CXL, HBM) the CPUs of the object it is attached to:
/// the whole machine or a package. CPUs belong to one memory node only, so the smallest node around
/// them has them; of equals the first.
bool owns_its_cpus(const NumaNode& node, const std::vector<NumaNode>& nodes) {
    for (const NumaNode& other : nodes) {
        if (other.cpus.empty() || !node.cpus.contains(other.cpus)) continue;
        if (other.cpus != node.cpus || other.os_index < node.os_index) return false;
    }
    return true;
}

std::vector<NumaNode> read_numa_nodes(hwloc_topology_t topology, const CpuSet& machine) {
    const hwloc_const_bitmap_t allowed = hwloc_topology_get_allowed_nodeset(topology);
    std::vector<NumaNode> nodes;
    hwloc_obj_t object = nullptr;
    while ((object = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, object))) {
        NumaNode node;
        node.os_index = static_cast<int>(object->os_index);
        node.cpus = CpuSet(object->cpuset) & machine;
        node.memory_bytes = object->attr->numanode.local_memory;
        node.allowed = hwloc_bitmap_isset(allowed, object->os_index) != 0;
        nodes.push_back(node);
    }
    std::sort(nodes.begin(), nodes.end(),
              [](const NumaNode& a, const NumaNode& b) { return a.os_index < b.os_index; });
    std::vector<NumaNode> result = nodes;
    for (NumaNode& node : result)
        if (!owns_its_cpus(node, nodes)) node.cpus = CpuSet();
    return result;
}

/// The smallest memory node around these CPUs; of equals the one with the lowest index.
int nearest_numa(const std::vector<NumaNode>& nodes, const CpuSet& cpus) {
    const NumaNode* nearest = nullptr;
    for (const NumaNode& node : nodes)
        if (node.cpus.contains(cpus) && (!nearest || node.cpus.size() < nearest->cpus.size()))
            nearest = &node;
    return nearest ? nearest->os_index : -1;
}

Core make_core(hwloc_topology_t topology, hwloc_obj_t object, const Node& node) {
    Core core;
    core.logical = static_cast<int>(node.cores.size());
    core.cpus = CpuSet(object->cpuset) & node.cpus;
    const hwloc_obj_t package = hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_PACKAGE, object);
    core.package = package ? static_cast<int>(package->logical_index) : 0;
    core.numa = nearest_numa(node.numa_nodes, core.cpus);
    return core;
}

}  // namespace

void read_cpus(const HwlocTopology& owner, Node& node) {
    const hwloc_topology_t topology = owner.get();
    node.cpus = CpuSet(hwloc_topology_get_topology_cpuset(topology));
    if (!node.cpus.is_finite())
        fail<ConfigError>(
            "{} describes CPUs that no machine has; save the topology again with: lstopo",
            node.source);
    node.packages = std::max(1, hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PACKAGE));
    node.numa_nodes = read_numa_nodes(topology, node.cpus);

    CpuSet covered;
    for (const hwloc_obj_type_t type : {HWLOC_OBJ_CORE, HWLOC_OBJ_PU}) {
        // A system that reports no cores, or not all of them, leaves PUs that count as cores of one
        // PU.
        hwloc_obj_t object = nullptr;
        while ((object = hwloc_get_next_obj_by_type(topology, type, object))) {
            const CpuSet cpus = CpuSet(object->cpuset) & node.cpus;
            if (cpus.empty() || covered.intersects(cpus)) continue;
            covered = covered | cpus;
            node.cores.push_back(make_core(topology, object, node));
        }
    }
}

}  // namespace warpstep::topology
