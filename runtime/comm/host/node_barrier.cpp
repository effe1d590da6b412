// SPDX-License-Identifier: Apache-2.0
// Every rank writes its own cache line and reads those of the others: with a core each, a meeting
// costs one line's way between two cores.
#include "runtime/comm/host/node_barrier.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <thread>
#include <utility>

#include "runtime/comm/futex.hpp"
#include "runtime/comm/host/processor.hpp"
#include "runtime/comm/rank_names.hpp"

namespace warpstep::comm::host {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::microseconds barrier_spin{50};
constexpr std::chrono::microseconds alone_at_first{10};
constexpr std::chrono::microseconds yield_without{20};
constexpr int looks_per_time = 32;         // reading the clock costs more than looking
constexpr milliseconds barrier_slice{50};  // how long a failure elsewhere may stay unnoticed

// Whether each of `ranks` is bound to a part of the machine of its own.
bool is_bound(int ranks) {
    cpu_set_t mine;
    CPU_ZERO(&mine);
    if (::sched_getaffinity(0, sizeof mine, &mine) != 0) return false;  // more than 1024 CPUs
    return static_cast<long>(CPU_COUNT(&mine)) * ranks <= ::sysconf(_SC_NPROCESSORS_ONLN);
}

}  // namespace

NodeBarrier::NodeBarrier(BarrierState& state, ArrivalMark* marks, int local_rank,
                         std::vector<int> global_ranks, std::string node,
                         const ControlChannel& channel)
    : state_(state),
      marks_(marks),
      local_rank_(local_rank),
      size_(static_cast<int>(global_ranks.size())),
      ranks_(std::move(global_ranks)),
      node_(std::move(node)),
      channel_(channel) {
    has_core_ = size_ <= ::sysconf(_SC_NPROCESSORS_ONLN);
}

void NodeBarrier::wait(Deadline deadline) {
    ++generation_;
    if (size_ == 1) return;
    // seq_cst pairs with sleep(): either we see the sleeper or it sees that we have come.
    arrival(local_rank_, generation_).generation.store(generation_, std::memory_order_seq_cst);
    if (state_.sleepers.load(std::memory_order_seq_cst) > 0 && all_have_come()) {
        state_.bell.fetch_add(1, std::memory_order_seq_cst);
        wake_all(state_.bell);
        return;
    }
    if (has_core_ ? !spin() : !let_others_run()) sleep(deadline);
}

bool NodeBarrier::all_have_come() const {
    for (int local = 0; local < size_; ++local) {
        if (!has_come(local)) return false;
    }
    return true;
}

bool NodeBarrier::spin() const {
    int local = 0;
    auto start = Deadline::Clock::time_point{};
    while (true) {
        for (int look = 0; look < looks_per_time; ++look) {
            while (has_come(local)) {
                if (++local == size_) return true;
            }
            relax();
        }
        const auto now = Deadline::Clock::now();
        if (start == Deadline::Clock::time_point{}) start = now;
        if (now > start + barrier_spin) return false;
        // Unbound ranks may sit on one core: the one that is waited for gets it.
        if (now > start + alone_at_first && !is_bound(size_)) std::this_thread::yield();
    }
}

// Ranks that share cores meet sooner when each gives its core to the next than when each is put to
// sleep and woken.
bool NodeBarrier::let_others_run() const {
    if (all_have_come()) return true;
    const auto until = Deadline::Clock::now() + yield_without;
    do {
        std::this_thread::yield();
        if (all_have_come()) return true;
    } while (Deadline::Clock::now() < until);
    return false;
}

void NodeBarrier::sleep(Deadline deadline) {
    while (!all_have_come()) {
        channel_.check();
        if (deadline.passed()) fail_for_missing();
        const auto span = std::clamp(deadline.left(), milliseconds(1), barrier_slice);
        const std::uint32_t bell = state_.bell.load(std::memory_order_seq_cst);
        state_.sleepers.fetch_add(1, std::memory_order_seq_cst);
        if (!all_have_come()) sleep_while(state_.bell, bell, span);
        state_.sleepers.fetch_sub(1, std::memory_order_seq_cst);
    }
}

void NodeBarrier::fail_for_missing() const {
    std::vector<int> missing;
    for (int local = 0; local < size_; ++local) {
        if (!has_come(local)) missing.push_back(ranks_[static_cast<std::size_t>(local)]);
    }
    fail<CommError>(
        "{} did not come to a collective operation in time (the others of the node wait in it); "
        "see "
        "{} own messages, or give it more time with --operation-timeout",
        show_ranks(missing, [&](int) { return node_; }), missing.size() == 1 ? "its" : "their");
}

}  // namespace warpstep::comm::host
