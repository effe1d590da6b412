// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "runtime/base/deadline.hpp"
#include "runtime/comm/control_channel.hpp"

namespace warpstep::comm::host {

/// The part of the barrier that lives in shared memory; all zero is its start.
struct BarrierState {
    alignas(64) std::atomic<std::uint32_t> arrived;
    alignas(64) std::atomic<std::uint32_t> generation;
    alignas(64) std::atomic<std::uint32_t> sleepers;
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

/// One per rank: the generation that it waits for, so that a late rank can be named.
struct alignas(64) ArrivalMark {
    std::atomic<std::uint32_t> generation;
};

/// All ranks of a node meet. Spins for some microseconds when every rank has a core, else sleeps in
/// the kernel at once.
class NodeBarrier {
  public:
    /// `global_ranks` of this node, by local rank; `marks` has as many places.
    NodeBarrier(BarrierState& state, ArrivalMark* marks, int local_rank,
                std::vector<int> global_ranks, std::string node, const ControlChannel& channel);

    /// Errors: PeerFailure; CommError that names who has not come by the deadline.
    void wait(Deadline deadline);

  private:
    bool spin(std::uint32_t generation) const;
    void sleep(std::uint32_t generation, Deadline deadline);
    [[noreturn]] void fail_for_missing(std::uint32_t generation) const;

    BarrierState& state_;
    ArrivalMark* marks_;
    int local_rank_;
    std::vector<int> ranks_;
    std::string node_;
    const ControlChannel& channel_;
    bool has_core_;  ///< every rank of the node can spin on a core of its own
};

}  // namespace warpstep::comm::host
