// SPDX-License-Identifier: Apache-2.0
// What docs/placement.md promises, checked without the planner's code.
#pragma once

#include <string>
#include <vector>

#include "runtime/placement/placement.hpp"

namespace warpstep::testing {

/// Whether the request must be refused.
bool must_be_refused(const topology::Node& node, const placement::Request& request);
/// What is wrong with the placement, one line each; nothing when it is right.
std::vector<std::string> violations(const topology::Node& node, const placement::Request& request,
                                    const placement::Placement& placement);

}  // namespace warpstep::testing
