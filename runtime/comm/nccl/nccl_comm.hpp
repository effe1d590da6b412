// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "runtime/base/deadline.hpp"
#include "runtime/comm/nccl/nccl_library.hpp"

namespace warpstep::comm::nccl {

/// Owns one non-blocking ncclComm_t. It is alive from the constructor to finish() or abort(); the
/// destructor aborts what is left. Buffers share it, because they must not deregister from a
/// communicator that is gone.
class NcclComm {
  public:
    /// Starts the initialization on the current device; settled() tells when it is done. Errors:
    /// CommError.
    NcclComm(const NcclLibrary& library, int rank, int size, const ncclUniqueId& id);
    ~NcclComm();
    NcclComm(const NcclComm&) = delete;
    NcclComm& operator=(const NcclComm&) = delete;

    const NcclLibrary& library() const { return library_; }
    bool alive() const { return comm_ != nullptr; }
    /// Errors: CommError when it is not alive any more.
    ncclComm_t get() const;

    /// True when nothing goes on in the background; never blocks. Errors: CommError for what failed
    /// there.
    bool settled() const;

    /// Collective: ends it in order. False, and aborted, when the peers did not do the same by the
    /// deadline.
    bool finish(Deadline deadline) noexcept;
    /// Ends it at once, together with what still runs on the device. Waits for the other ranks'
    /// aborts no longer than that.
    void abort(std::chrono::milliseconds patience) noexcept;

  private:
    ncclResult_t state() const;

    const NcclLibrary& library_;
    ncclComm_t comm_ = nullptr;
};

}  // namespace warpstep::comm::nccl
