// SPDX-License-Identifier: Apache-2.0
// The definition of a right placement, checked on a finished one: shares no code with plan().
#pragma once

#include <string>
#include <vector>

#include "runtime/placement/placement.hpp"

namespace warpstep::placement {

struct Violation {
    std::string rule;  ///< "I7"; the table of rules is in docs/placement.md
    std::string text;  ///< what is wrong, with local ranks, GPUs and CPUs
};

/// Every rule that the placement breaks; none for one made by plan() from the same input. Pure.
std::vector<Violation> inspect(const topology::Node& node, const Request& request,
                               const Placement& placement);

/// Whether plan() must refuse this request on this node.
bool must_be_refused(const topology::Node& node, const Request& request);

}  // namespace warpstep::placement
