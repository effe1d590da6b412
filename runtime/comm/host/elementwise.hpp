// SPDX-License-Identifier: Apache-2.0
// The arithmetic of reductions, element by element.
#pragma once

#include <cstddef>

#include "runtime/base/dtype.hpp"
#include "runtime/comm/communicator.hpp"

namespace warpstep::comm::host {

/// out <- a (op) b. Shape: count elements each; out overlaps neither. avg adds, see divide().
/// Integers wrap around; min and max of floating-point values give NaN when either is NaN, so that
/// a poisoned value stays visible.
void combine(DType dtype, ReduceOp op, void* out, const void* a, const void* b, std::size_t count);
/// out <- sources[0] (op) sources[1] (op) ..., from left to right. Precondition: number > 0.
void combine(DType dtype, ReduceOp op, void* out, const std::byte* const* sources,
             std::size_t number, std::size_t count);
/// into <- into (op) b.
void accumulate(DType dtype, ReduceOp op, void* into, const void* b, std::size_t count);
/// values <- values / divisor; integers truncate.
void divide(DType dtype, void* values, std::size_t count, int divisor);

}  // namespace warpstep::comm::host
