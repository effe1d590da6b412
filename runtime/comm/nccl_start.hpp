// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "runtime/base/deadline.hpp"
#include "runtime/comm/control_channel.hpp"
#include "runtime/device/device.hpp"

namespace warpstep::comm {

/// What a task brings to the start of a communicator over GPUs.
struct NcclStart {
    struct Member {
        device::Device* device;
        int rank;
    };
    std::vector<Member> members;          ///< one for each device of this task
    int size = 1;                         ///< members of all tasks
    std::vector<std::string> unique_ids;  ///< of the roots, in their order
    std::string name;                     ///< shown in NCCL's own messages: the job and step
    std::string host_id;  ///< NCCL_HOSTID of this rank where ranks share a GPU, else ""
    const ControlChannel& channel;
    Deadline deadline;  ///< of the start
    /// How long a stream may take with all peers alive and NCCL content. Work is queued at most
    /// about a thousand launches ahead, so this bounds those, not the whole run.
    std::chrono::milliseconds operation_timeout = std::chrono::minutes(30);
};

}  // namespace warpstep::comm
