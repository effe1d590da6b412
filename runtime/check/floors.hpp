// SPDX-License-Identifier: Apache-2.0
// The rates that a model of GPU must reach, as data: configs/check-floors.yaml is built in.
#pragma once

#include <string>
#include <vector>

#include "runtime/check/measurement.hpp"

namespace warpstep::check {

/// From the file, or the built-in ones when it is ""; shares are of what gpu-models.yaml says.
/// Errors: ConfigError with file:line:column for anything that is not such a file, unknown keys
/// among it.
std::vector<Floor> load_floors(const std::string& file);

/// The floor of a measurement; nullptr without one. A floor without qualifier is for all.
const Floor* floor_for(const std::vector<Floor>& floors, const Sample& sample,
                       const std::string& qualifier);

}  // namespace warpstep::check
