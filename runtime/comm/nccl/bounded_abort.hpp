// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "runtime/comm/nccl/nccl_library.hpp"

namespace warpstep::comm::nccl {

/// ncclCommAbort in a thread that is waited for no longer than `patience`: it returns only when the
/// other ranks of the node abort too, and one that is stopped never does. What it could not free is
/// left to the end of the process.
void bounded_abort(const NcclLibrary& library, ncclComm_t comm,
                   std::chrono::milliseconds patience) noexcept;

}  // namespace warpstep::comm::nccl
