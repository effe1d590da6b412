// SPDX-License-Identifier: Apache-2.0
// The one way an NCCL error becomes a CommError.
#pragma once

#include <string>

#include "runtime/comm/nccl/nccl_library.hpp"

namespace warpstep::comm::nccl {

/// "unhandled system error (ncclSystemError): last message of NCCL". `comm` may be nullptr.
std::string describe(const NcclLibrary& library, ncclResult_t code, ncclComm_t comm);

/// Errors: CommError with the above, the expression and its place.
[[noreturn]] void throw_nccl(const NcclLibrary& library, ncclResult_t code, ncclComm_t comm,
                             const char* expression, const char* file, int line);

}  // namespace warpstep::comm::nccl

/// A call on a non-blocking communicator that goes on in the background is no error.
#define WARPSTEP_NCCL_CHECK(nccl_library_, nccl_comm_, expression)                                \
    do {                                                                                          \
        if (const ncclResult_t code_ = (expression);                                              \
            code_ != ncclSuccess && code_ != ncclInProgress) {                                    \
            ::warpstep::comm::nccl::throw_nccl((nccl_library_), code_, (nccl_comm_), #expression, \
                                               __FILE__, __LINE__);                               \
        }                                                                                         \
    } while (false)
