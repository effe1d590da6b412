// SPDX-License-Identifier: Apache-2.0
// Which ranks of a large step help NCCL to start.
#pragma once

#include <vector>

namespace warpstep::comm {

/// The ranks that make a unique id, ascending: rank 0 up to 256 ranks, then about one for each 128,
/// because the ranks that one root can serve are limited.
std::vector<int> nccl_roots(int size);

/// Where NCCL expects `roots` ids to come from in a communicator of `size` ranks: the first ranks
/// of blocks that differ in length by one at most, the longer ones first. Source: NCCL user guide,
/// ncclCommInitRankScalable.
std::vector<int> spread_roots(int size, int roots);

}  // namespace warpstep::comm
