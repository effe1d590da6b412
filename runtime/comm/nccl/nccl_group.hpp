// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "runtime/comm/nccl/nccl_library.hpp"

namespace warpstep::comm::nccl {

class NcclCommunicator;

/// The group that a thread has opened. NCCL's groups belong to threads, not to communicators, so
/// several communicators may take part; until the end nothing of them has been launched, and there
/// is nothing to wait for.
class NcclGroup {
  public:
    /// Errors: CommError.
    explicit NcclGroup(const NcclLibrary& library);
    /// Ends a group that was left by an exception.
    ~NcclGroup();
    NcclGroup(const NcclGroup&) = delete;
    NcclGroup& operator=(const NcclGroup&) = delete;

    /// The one of this thread, nullptr when there is none.
    static NcclGroup* open();
    void add(NcclCommunicator& member);
    const std::vector<NcclCommunicator*>& members() const { return members_; }
    ncclResult_t end();

  private:
    const NcclLibrary& library_;
    std::vector<NcclCommunicator*> members_;
    bool ended_ = false;
};

}  // namespace warpstep::comm::nccl
