// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>

#include "runtime/topology/read.hpp"

namespace warpstep::topology {

namespace {

using Matrix = std::vector<std::vector<int>>;

// A node's own memory in the firmware's scale, and the most that a distance can be in a sane one.
constexpr std::uint64_t own = 10, largest = 100000;

/// Rows and columns as in the node's numa_nodes; empty when hwloc's matrix leaves a node out or is
/// in no scale that a node's own distance would tell.
Matrix in_order(const hwloc_distances_s& distances, const Node& node) {
    const auto position = [&](int os_index) {
        for (unsigned i = 0; i < distances.nbobjs; ++i)
            if (distances.objs[i] && static_cast<int>(distances.objs[i]->os_index) == os_index)
                return static_cast<int>(i);
        return -1;
    };
    Matrix matrix;
    for (const NumaNode& from : node.numa_nodes) {
        const int row = position(from.os_index);
        std::vector<int> values;
        for (const NumaNode& to : node.numa_nodes) {
            const int column = position(to.os_index);
            if (row < 0 || column < 0) return {};
            const auto at = [&](int i, int j) {
                return distances
                    .values[static_cast<unsigned>(i) * distances.nbobjs + static_cast<unsigned>(j)];
            };
            const std::uint64_t value = at(row, column), local = at(row, row);
            if (local == 0 || value < local || value > largest) return {};
            values.push_back(static_cast<int>(value * own / local));
        }
        matrix.push_back(values);
    }
    return matrix;
}

}  // namespace

void read_distances(const HwlocTopology& owner, Node& node) {
    const hwloc_topology_t topology = owner.get();
    unsigned count = 0;
    if (hwloc_distances_get_by_type(topology, HWLOC_OBJ_NUMANODE, &count, nullptr,
                                    HWLOC_DISTANCES_KIND_MEANS_LATENCY, 0) != 0)
        return;
    std::vector<hwloc_distances_s*> found(count);
    if (count == 0 ||
        hwloc_distances_get_by_type(topology, HWLOC_OBJ_NUMANODE, &count, found.data(),
                                    HWLOC_DISTANCES_KIND_MEANS_LATENCY, 0) != 0)
        return;
    found.resize(std::min<std::size_t>(found.size(), count));
    for (hwloc_distances_s* distances : found) {
        if (node.numa_distances.empty()) node.numa_distances = in_order(*distances, node);
        hwloc_distances_release(topology, distances);
    }
}

}  // namespace warpstep::topology
