// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "runtime/placement/placement.hpp"

namespace warpstep::placement {

/// Why each task has these GPUs, these cores, this memory and this network adapter, in plain
/// sentences; [local rank][sentence]. Pure.
std::vector<std::vector<std::string>> explain(const topology::Node& node, const Request& request,
                                              const Placement& placement);

}  // namespace warpstep::placement
