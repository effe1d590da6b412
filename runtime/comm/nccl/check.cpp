// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/nccl/check.hpp"

#include "runtime/base/error.hpp"

namespace warpstep::comm::nccl {
namespace {

const char* name_of(ncclResult_t code) {
    switch (code) {
        case ncclSuccess:
            return "ncclSuccess";
        case ncclUnhandledCudaError:
            return "ncclUnhandledCudaError";
        case ncclSystemError:
            return "ncclSystemError";
        case ncclInternalError:
            return "ncclInternalError";
        case ncclInvalidArgument:
            return "ncclInvalidArgument";
        case ncclInvalidUsage:
            return "ncclInvalidUsage";
        case ncclRemoteError:
            return "ncclRemoteError";
        case ncclInProgress:
            return "ncclInProgress";
        default:
            return "unknown to this build";
    }
}

}  // namespace

std::string describe(const NcclLibrary& library, ncclResult_t code, ncclComm_t comm) {
    const char* last = library.get_last_error(comm);
    const std::string text = fmt::format("{} ({})", library.get_error_string(code), name_of(code));
    return last != nullptr && *last != '\0' ? text + ": " + last : text;
}

void throw_nccl(const NcclLibrary& library, ncclResult_t code, ncclComm_t comm,
                const char* expression, const char* file, int line) {
    fail<CommError>("nccl {}: {} in {} at {}:{}; NCCL_DEBUG=WARN tells more", library.version,
                    describe(library, code, comm), expression, file, line);
}

}  // namespace warpstep::comm::nccl
