// SPDX-License-Identifier: Apache-2.0
// Private to the room: from "how many" to "which" CPUs.
#pragma once

#include <vector>

#include "runtime/placement/locality.hpp"

namespace warpstep::placement {

/// The result is per holder; holders get neighbouring CPUs in their order.

/// Whole cores: `needed` of those offered, divided evenly over as few NUMA boundaries as possible.
/// With fewer needed than offered every holder has the same number.
std::vector<topology::CpuSet> lay_out_cores(const std::vector<AllowedCore>& offered, int needed,
                                            int holders);
/// One place for each holder: cores carry as equal numbers of holders as their PUs allow and divide
/// their PUs among them.
std::vector<topology::CpuSet> lay_out_pus(const std::vector<AllowedCore>& pool, int holders);
/// One place for each holder: PUs carry numbers of holders that differ by at most one.
std::vector<topology::CpuSet> lay_out_round_robin(const std::vector<AllowedCore>& pool,
                                                  int holders);

}  // namespace warpstep::placement
