// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "runtime/report/placement_nodes.hpp"

namespace warpstep::report {

/// What the machine is, one row per local rank (further ones for its further GPUs), the numbered
/// notes, what stays idle. Long CPU lists are cut; the JSON document has them whole.
std::string placement_table(const PlacedNodes& nodes, bool colours);

}  // namespace warpstep::report
