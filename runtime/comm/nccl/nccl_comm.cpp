// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/nccl/nccl_comm.hpp"

#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/comm/nccl/bounded_abort.hpp"
#include "runtime/comm/nccl/check.hpp"
#include "runtime/comm/nccl/pause.hpp"

namespace warpstep::comm::nccl {
namespace {

// For a communicator whose peers do not know yet that it is given up.
constexpr std::chrono::milliseconds short_patience{500};

}  // namespace

NcclComm::NcclComm(const NcclLibrary& library, int rank, int size, const ncclUniqueId& id)
    : library_(library) {
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
    // The return code comes first: a failed start can leave the asynchronous state at "in progress"
    // for ever.
    const ncclResult_t code = library_.comm_init_rank_config(&comm_, size, id, rank, &config);
    if (code == ncclSuccess || code == ncclInProgress) return;
    const std::string reason = describe(library_, code, nullptr);
    abort(short_patience);
    fail<CommError>("nccl {} cannot start rank {} of {}: {}; NCCL_DEBUG=WARN tells more",
                    library_.version, rank, size, reason);
}

NcclComm::~NcclComm() {
    abort(short_patience);
}

ncclComm_t NcclComm::get() const {
    if (comm_ == nullptr)
        fail<CommError>("nccl: the communicator was aborted (an earlier failure)");
    return comm_;
}

ncclResult_t NcclComm::state() const {
    ncclResult_t asynchronous = ncclSuccess;
    const ncclResult_t code = library_.comm_get_async_error(comm_, &asynchronous);
    return code == ncclSuccess ? asynchronous : code;
}

bool NcclComm::settled() const {
    get();
    const ncclResult_t code = state();
    if (code == ncclInProgress) return false;
    if (code != ncclSuccess) {
        fail<CommError>("nccl {}: {}; NCCL_DEBUG=WARN tells more", library_.version,
                        describe(library_, code, comm_));
    }
    return true;
}

bool NcclComm::finish(Deadline deadline) noexcept {
    if (comm_ == nullptr) return true;
    ncclResult_t code = library_.comm_finalize(comm_);
    for (Pause pause; code == ncclInProgress && !deadline.passed(); pause()) code = state();
    if (code != ncclSuccess) {
        abort(short_patience);
        return false;
    }
    // After a complete finalize this frees memory of this process only.
    library_.comm_destroy(std::exchange(comm_, nullptr));
    return true;
}

void NcclComm::abort(std::chrono::milliseconds patience) noexcept {
    if (comm_ != nullptr) bounded_abort(library_, std::exchange(comm_, nullptr), patience);
}

}  // namespace warpstep::comm::nccl
