// SPDX-License-Identifier: Apache-2.0
// Private to the room: from "how many" to "which": the CPUs of one pool for the tasks that hold
// places in it.
#pragma once

#include <vector>

#include "runtime/placement/locality.hpp"

namespace warpstep::placement {

/// The holders are in rank order and get neighbouring CPUs in that order; the result is per holder.

/// Whole cores. places: cores per holder. If the holders are alike (may exchange their counts), the
/// blocks run over as few NUMA boundaries as possible.
std::vector<topology::CpuSet> lay_out_cores(const std::vector<AllowedCore>& pool,
                                            const std::vector<int>& places, bool alike);
/// One place for each holder: cores carry as equal numbers of holders as their PUs allow and divide
/// their PUs among them.
std::vector<topology::CpuSet> lay_out_pus(const std::vector<AllowedCore>& pool, int holders);
/// One place for each holder: PUs carry numbers of holders that differ by at most one.
std::vector<topology::CpuSet> lay_out_round_robin(const std::vector<AllowedCore>& pool,
                                                  int holders);

}  // namespace warpstep::placement
