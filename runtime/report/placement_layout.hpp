// SPDX-License-Identifier: Apache-2.0
// Private to the room: where everything lies in the picture of one node.
#pragma once

#include <string>
#include <vector>

#include "runtime/report/placement_canvas.hpp"
#include "runtime/report/placement_nodes.hpp"

namespace warpstep::report {

struct Frame {
    std::string kind;  ///< class of the style sheet: "package", "numa", "side"
    std::string title;
    Box box;
};

/// A core, GPU or adapter: index into the Node's vector and its place.
struct Placed {
    int index = 0;
    Box box;
};

struct Layout {
    std::vector<Frame> frames;  ///< outer before inner
    std::vector<Placed> cores, gpus, nics;
    double bottom = 0;
};

/// Packages side by side, their NUMA nodes inside with cores and devices; below them devices that
/// hang on no single NUMA node and memory without CPUs. `area` gives left, top and width.
Layout lay_out(const PlacedNodes& nodes, const Owners& owners, const Box& area);

}  // namespace warpstep::report
