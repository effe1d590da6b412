// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/host/local_lanes.hpp"

#include <algorithm>
#include <cstring>

#include "runtime/comm/futex.hpp"

namespace warpstep::comm::host {

LocalLanes::LocalLanes(NodeArea& area, int local_rank)
    : area_(area),
      local_rank_(local_rank),
      committed_(static_cast<std::size_t>(area.local_size()), false) {}

std::size_t LocalLanes::write(int to, const std::byte* data, std::size_t bytes) {
    LaneHead& head = area_.lane_head(local_rank_, to);
    const std::size_t room = area_.lane_bytes();
    const std::uint64_t written = head.written.load(std::memory_order_relaxed);
    const std::uint64_t used = written - head.read.load(std::memory_order_acquire);
    const std::size_t count = std::min(bytes, room - static_cast<std::size_t>(used));
    if (count == 0) return 0;
    const auto receiver = static_cast<std::size_t>(to);
    if (!committed_[receiver]) area_.commit_lane(local_rank_, to);
    committed_[receiver] = true;
    std::byte* lane = area_.lane(local_rank_, to);
    const std::size_t at = static_cast<std::size_t>(written % room);
    const std::size_t first = std::min(count, room - at);
    std::memcpy(lane + at, data, first);
    std::memcpy(lane, data + first, count - first);
    head.written.store(written + count, std::memory_order_release);
    ring(to);
    return count;
}

std::size_t LocalLanes::read(int from, std::byte* data, std::size_t bytes) {
    LaneHead& head = area_.lane_head(from, local_rank_);
    const std::size_t room = area_.lane_bytes();
    const std::uint64_t read = head.read.load(std::memory_order_relaxed);
    const std::uint64_t there = head.written.load(std::memory_order_acquire) - read;
    const std::size_t count = std::min(bytes, static_cast<std::size_t>(there));
    if (count == 0) return 0;
    const std::byte* lane = area_.lane(from, local_rank_);
    const std::size_t at = static_cast<std::size_t>(read % room);
    const std::size_t first = std::min(count, room - at);
    std::memcpy(data, lane + at, first);
    std::memcpy(data + first, lane, count - first);
    head.read.store(read + count, std::memory_order_release);
    ring(from);
    return count;
}

std::uint32_t LocalLanes::bell() const {
    return area_.doorbell(local_rank_).rings.load(std::memory_order_seq_cst);
}

// seq_cst in both: either the ringing rank sees the sleeper, or the sleeper sees the new number.
void LocalLanes::ring(int local_rank) {
    Doorbell& bell = area_.doorbell(local_rank);
    bell.rings.fetch_add(1, std::memory_order_seq_cst);
    if (bell.sleepers.load(std::memory_order_seq_cst) > 0) wake_all(bell.rings);
}

void LocalLanes::sleep(std::uint32_t seen, std::chrono::milliseconds span) {
    Doorbell& bell = area_.doorbell(local_rank_);
    bell.sleepers.fetch_add(1, std::memory_order_seq_cst);
    sleep_while(bell.rings, seen, span);
    bell.sleepers.fetch_sub(1, std::memory_order_seq_cst);
}

}  // namespace warpstep::comm::host
