// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/deadline.hpp"
#include "runtime/comm/nccl/nccl_library.hpp"

namespace warpstep::comm::nccl {

/// Owns one non-blocking ncclComm_t. It is alive from the constructor to finish() or abort(); the
/// destructor aborts what is left. Buffers share it, because they must not deregister from a
/// communicator that is gone.
class NcclComm {
  public:
    /// Starts the initialization on the current device; settled() tells when it is done. `name` is
    /// shown in NCCL's messages. More than one id is for large steps; an NCCL that knows only one
    /// takes the first. Errors: CommError.
    NcclComm(const NcclLibrary& library, int rank, int size, std::vector<ncclUniqueId> ids,
             std::string name);
    /// Starts a split; `child` has no communicator when `color` is negative. It is done when the
    /// parent and then the child have settled. Errors: CommError; EnvironmentError for an NCCL that
    /// cannot split.
    static std::shared_ptr<NcclComm> split(NcclComm& parent, int color, int key);
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
    /// Looks for what failed in the background, here and in what was split from this: NCCL tells a
    /// failure to the communicator that it befell, and a stream may hold work of several. Never
    /// blocks. Errors: CommError.
    void check() const;

    /// Collective: ends those of one task in order, together. False, and aborted, when the peers
    /// did not do the same by the deadline.
    static bool finish(const std::vector<std::shared_ptr<NcclComm>>& comms,
                       Deadline deadline) noexcept;
    /// Ends it at once, after the communicators that were split from it, together with what still
    /// runs on the device. Waits for the other ranks' aborts no longer than that, each.
    void abort(std::chrono::milliseconds patience) noexcept;

  private:
    explicit NcclComm(const NcclLibrary& library, std::string name);
    ncclConfig_t config() const;
    ncclResult_t state() const;

    const NcclLibrary& library_;
    std::string name_;               ///< NCCL may keep a pointer to it
    std::vector<ncclUniqueId> ids_;  ///< may be read in the background
    ncclComm_t comm_ = nullptr;
    std::vector<std::weak_ptr<NcclComm>> children_;
};

}  // namespace warpstep::comm::nccl
