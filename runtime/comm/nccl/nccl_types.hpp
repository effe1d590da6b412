// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/dtype.hpp"
#include "runtime/comm/communicator.hpp"
#include "runtime/comm/nccl/nccl_library.hpp"

namespace warpstep::comm::nccl {

/// Errors: EnvironmentError for a type that this NCCL does not know yet.
ncclDataType_t type_of(const NcclLibrary& library, DType dtype);
ncclRedOp_t op_of(ReduceOp op);

}  // namespace warpstep::comm::nccl
