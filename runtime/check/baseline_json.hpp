// SPDX-License-Identifier: Apache-2.0
// Private to check: an entry of a baseline as it lies in files of baselines and of facts.
#pragma once

#include <nlohmann/json.hpp>

#include "runtime/check/measurement.hpp"

namespace warpstep::check {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(BaselineEntry, gpu_uuid, probe, qualifier, unit,
                                                driver, value, sm_mhz, date)

}  // namespace warpstep::check
