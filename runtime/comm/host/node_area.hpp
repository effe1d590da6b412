// SPDX-License-Identifier: Apache-2.0
// The memory that the ranks of one node use for every collective, laid out once.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "runtime/comm/host/node_barrier.hpp"
#include "runtime/comm/host/shared_segment.hpp"

namespace warpstep::comm::host {

/// A place inside a symmetric allocation, the same for all ranks of the node wherever they have
/// mapped it.
struct SharedPlace {
    std::int32_t allocation = 0;  ///< 0: private memory, no other rank can reach it
    std::uint64_t offset = 0;     ///< inside this rank's part
};

/// What a rank tells its node about the operation that it starts.
struct alignas(64) Announcement {
    SharedPlace send, recv;
    std::int32_t errors[2] = {0, 0};  ///< errno of the two steps of an allocation
};

/// A ring of bytes from one rank of the node to another; all zero is its start. Numbers of bytes
/// since then.
struct LaneHead {
    alignas(64) std::atomic<std::uint64_t> written;
    alignas(64) std::atomic<std::uint64_t> read;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

/// What a rank listens to while its rings do not move.
struct Doorbell {
    alignas(64) std::atomic<std::uint32_t> rings;
    alignas(64) std::atomic<std::uint32_t> sleepers;
};

class NodeArea {
  public:
    static constexpr std::size_t slot_bytes = 4096;  ///< operations up to here take the short way
    static constexpr std::size_t staging_bytes = 1 << 20;  ///< of one rank
    static constexpr std::size_t window_bytes =
        4 * (1 << 20);  ///< what all of a node read or write in turn

    static std::size_t bytes_for(int local_size);
    NodeArea(SharedSegment segment, int local_size);

    /// Reserves the pages that this rank is the first to write.
    void commit(int local_rank);
    void unlink() noexcept { segment_.unlink(); }

    std::byte* data() const { return segment_.data(); }
    std::size_t bytes() const { return segment_.bytes(); }
    BarrierState& barrier() const;
    ArrivalMark* marks() const;
    Announcement& announcement(int local_rank) const;
    /// Two slots per rank, used in turn, so that one barrier per short operation is enough.
    std::byte* slot(int parity, int local_rank) const;
    /// The slots that the leader fills with the other nodes' word.
    std::byte* result_slot(int parity) const { return slot(parity, local_size_); }
    std::byte* staging(int local_rank) const;
    std::byte* window() const;

    Doorbell& doorbell(int local_rank) const;
    LaneHead& lane_head(int from, int to) const;
    std::byte* lane(int from, int to) const;
    std::size_t lane_bytes() const { return lane_bytes_for(local_size_); }
    /// Reserves the pages of one ring; most pairs never talk.
    void commit_lane(int from, int to);
    int local_size() const { return local_size_; }

  private:
    std::size_t slots_offset() const;
    std::size_t staging_offset() const;
    std::size_t window_offset() const;
    std::size_t rows_offset() const;
    std::size_t lanes_offset() const;
    std::size_t lane_offset(int from, int to) const;
    static std::size_t lane_bytes_for(int local_size);
    std::byte* row(int local_rank) const;

    SharedSegment segment_;
    int local_size_;
};

}  // namespace warpstep::comm::host
