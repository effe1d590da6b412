// SPDX-License-Identifier: Apache-2.0
// Private to this room.
#pragma once

#include <string>
#include <vector>

namespace warpstep::report {

/// "GPU-1a2b3c4d", "GPU-1a2b…9f03": the shortest form of a UUID ("GPU-…", "MIG-…") that tells it
/// apart from `among`, which may hold it. What is no UUID stays as it is.
std::string short_uuid(const std::string& uuid, const std::vector<std::string>& among);

}  // namespace warpstep::report
