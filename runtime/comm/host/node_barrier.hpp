// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "runtime/base/deadline.hpp"
#include "runtime/comm/control_channel.hpp"

namespace warpstep::comm::host {

/// The part of the barrier that lives in shared memory; all zero is its start.
struct BarrierState {
    alignas(64) std::atomic<std::uint32_t> bell;      ///< what sleepers sleep on
    alignas(64) std::atomic<std::uint32_t> sleepers;  ///< who must be woken
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

/// What a rank writes to say that it has come: one cache line, so that a few bytes of message
/// travel with it.
struct alignas(64) Arrival {
    static constexpr std::size_t message_bytes = 48;
    std::atomic<std::uint32_t> generation;
    alignas(16) std::byte message[message_bytes];
};
static_assert(sizeof(Arrival) == 64);

/// Of one rank. Used in turn: what came with a meeting can be read until the reader's next one.
struct ArrivalMark {
    Arrival in_turn[2];
};

/// All ranks of a node meet. Spins for some microseconds when every rank has a core, lets the
/// others run for some when not, then sleeps in the kernel.
class NodeBarrier {
  public:
    /// `global_ranks` of this node, by local rank; `marks` has as many places.
    NodeBarrier(BarrierState& state, ArrivalMark* marks, int local_rank,
                std::vector<int> global_ranks, std::string node, const ControlChannel& channel);

    /// Errors: PeerFailure; CommError that names who has not come by the deadline.
    void wait(Deadline deadline);

    /// What this rank brings to its next wait().
    std::byte* my_message() { return arrival(local_rank_, generation_ + 1).message; }
    /// What a rank has brought to the last one, until this rank's next wait().
    const std::byte* message_of(int local_rank) const {
        return arrival(local_rank, generation_).message;
    }

  private:
    Arrival& arrival(int local_rank, std::uint32_t generation) const {
        return marks_[local_rank].in_turn[generation % 2];
    }
    bool has_come(int local_rank) const {
        return arrival(local_rank, generation_).generation.load(std::memory_order_seq_cst) ==
               generation_;
    }
    bool all_have_come() const;
    bool spin() const;
    bool let_others_run() const;
    void sleep(Deadline deadline);
    [[noreturn]] void fail_for_missing() const;

    BarrierState& state_;
    ArrivalMark* marks_;
    int local_rank_;
    int size_;
    std::uint32_t generation_ = 0;  ///< of the last meeting that this rank has come to
    std::vector<int> ranks_;
    std::string node_;
    const ControlChannel& channel_;
    bool has_core_;  ///< every rank of the node can spin on a core of its own
};

}  // namespace warpstep::comm::host
