// SPDX-License-Identifier: Apache-2.0
// Private to the room: the tasks of a node in words, below its picture.
#pragma once

#include "runtime/report/placement_canvas.hpp"
#include "runtime/report/placement_nodes.hpp"

namespace warpstep::report {

double legend_height(const PlacedNodes& nodes);
/// Two columns of tasks and one line on the signs used. `area` gives left, top and width.
void draw_legend(const PlacedNodes& nodes, const Box& area, Canvas& canvas);

}  // namespace warpstep::report
