// SPDX-License-Identifier: Apache-2.0
// Private to comm/host: a reduction over the memory of a few ranks that is written to all of them
// in the same pass.
#pragma once

#include <cstddef>

#include "runtime/base/dtype.hpp"
#include "runtime/comm/communicator.hpp"

namespace warpstep::comm::host {

struct Spread {
    DType dtype;
    ReduceOp op;
    int divisor;  ///< of avg, else 1
    const std::byte* const* sources;
    std::byte* const* targets;  ///< the same memory as a source, or apart from all of them
    std::size_t number;         ///< of sources, and of targets
};

/// Elements [begin, end) of all sources, combined from left to right, to all targets, `around` the
/// caches if that is wanted and possible (finish_streaming() then makes them visible). Returns
/// where it stopped: at begin for numbers and types that it has no loop for, else less than a tile
/// before end.
std::size_t spread(const Spread& spread, std::size_t begin, std::size_t end, bool around);

}  // namespace warpstep::comm::host
