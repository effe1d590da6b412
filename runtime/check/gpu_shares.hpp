// SPDX-License-Identifier: Apache-2.0
// How ranks that see several GPUs share them out.
#pragma once

#include <map>
#include <string>

#include "runtime/check/facts.hpp"

namespace warpstep::check {

/// The GPU of each rank, by rank: the only one it sees, or its own when those who see several share
/// them out. Ranks that find none left, and ranks with an unknown view, are missing.
std::map<int, std::string> own_gpus(const Facts& facts);

}  // namespace warpstep::check
