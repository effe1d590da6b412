// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/host/node_barrier.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <thread>
#include <utility>

#include "runtime/comm/host/futex.hpp"
#include "runtime/comm/rank_names.hpp"

namespace warpstep::comm::host {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::microseconds spin_with_a_core{30};
constexpr std::chrono::microseconds alone_at_first{2};
constexpr milliseconds slice{50};  // how long a failure elsewhere may stay unnoticed

}  // namespace

NodeBarrier::NodeBarrier(BarrierState& state, ArrivalMark* marks, int local_rank,
                         std::vector<int> global_ranks, std::string node,
                         const ControlChannel& channel)
    : state_(state),
      marks_(marks),
      local_rank_(local_rank),
      ranks_(std::move(global_ranks)),
      node_(std::move(node)),
      channel_(channel) {
    const long cpus = ::sysconf(_SC_NPROCESSORS_ONLN);
    has_core_ = static_cast<long>(ranks_.size()) <= cpus;
}

void NodeBarrier::wait(Deadline deadline) {
    const auto size = static_cast<std::uint32_t>(ranks_.size());
    if (size == 1) return;
    const std::uint32_t generation = state_.generation.load(std::memory_order_acquire);
    marks_[local_rank_].generation.store(generation + 1, std::memory_order_relaxed);
    if (state_.arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == size) {
        state_.arrived.store(0, std::memory_order_relaxed);
        // seq_cst pairs with sleep(): either we see the sleeper or it sees the new generation.
        state_.generation.store(generation + 1, std::memory_order_seq_cst);
        if (state_.sleepers.load(std::memory_order_seq_cst) > 0) {
            wake_all(state_.generation);
        }
    } else if (!spin(generation)) {
        sleep(generation, deadline);
    }
}

bool NodeBarrier::spin(std::uint32_t generation) const {
    if (!has_core_) return false;
    const auto start = Deadline::Clock::now();
    for (auto now = start; now < start + spin_with_a_core; now = Deadline::Clock::now()) {
        if (state_.generation.load(std::memory_order_acquire) != generation) return true;
        // Unbound ranks may sit on one core: the one that is waited for gets it.
        if (now > start + alone_at_first) std::this_thread::yield();
    }
    return false;
}

void NodeBarrier::sleep(std::uint32_t generation, Deadline deadline) {
    while (state_.generation.load(std::memory_order_seq_cst) == generation) {
        channel_.check();
        if (deadline.passed()) fail_for_missing(generation);
        const auto span = std::clamp(deadline.left(), milliseconds(1), slice);
        state_.sleepers.fetch_add(1, std::memory_order_seq_cst);
        sleep_while(state_.generation, generation, span);
        state_.sleepers.fetch_sub(1, std::memory_order_seq_cst);
    }
}

void NodeBarrier::fail_for_missing(std::uint32_t generation) const {
    std::vector<int> missing;
    for (std::size_t local = 0; local < ranks_.size(); ++local) {
        const auto mark = marks_[local].generation.load(std::memory_order_relaxed);
        if (mark != generation + 1) missing.push_back(ranks_[local]);
    }
    fail<CommError>(
        "{} did not come to a collective operation in time (the others of the node wait in it); "
        "see "
        "{} own messages, or give the step more time with timeout",
        show_ranks(missing, [&](int) { return node_; }), missing.size() == 1 ? "its" : "their");
}

}  // namespace warpstep::comm::host
