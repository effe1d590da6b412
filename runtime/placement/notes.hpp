// SPDX-License-Identifier: Apache-2.0
// Private to the room: the reasons that a placement carries.
#pragma once

#include "runtime/placement/locality.hpp"
#include "runtime/placement/placement.hpp"

namespace warpstep::placement {

/// Sets `remote` and all notes. Errors: with `strict`, ConfigError for the first exception.
void add_notes(const topology::Node& node, const std::vector<AllowedCore>& cores,
               const Request& request, Placement& placement);

}  // namespace warpstep::placement
