// SPDX-License-Identifier: Apache-2.0
// Private to the room: the reasons that a placement carries.
#pragma once

#include "runtime/placement/deal_cores.hpp"
#include "runtime/placement/placement.hpp"

namespace warpstep::placement {

/// Sets `remote` and the notes of every task.
/// Errors: with `strict`, ConfigError for the first exception.
void add_notes(const topology::Node& node, const std::vector<AllowedCore>& cores,
               const Request& request, Grain grain, std::vector<Task>& tasks);

}  // namespace warpstep::placement
