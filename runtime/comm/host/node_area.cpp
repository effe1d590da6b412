// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/host/node_area.hpp"

#include <utility>

namespace warpstep::comm::host {
namespace {

constexpr std::size_t page = 4096;

constexpr std::size_t round_up(std::size_t bytes) {
    return (bytes + page - 1) / page * page;
}

std::size_t heads(int local_size) {
    const auto ranks = static_cast<std::size_t>(local_size);
    return sizeof(BarrierState) + ranks * (sizeof(ArrivalMark) + sizeof(Announcement));
}

std::size_t slots(int local_size) {
    return 2 * (static_cast<std::size_t>(local_size) + 1) * NodeArea::slot_bytes;
}

std::size_t stagings(int local_size) {
    return static_cast<std::size_t>(local_size) * NodeArea::staging_bytes;
}

}  // namespace

std::size_t NodeArea::bytes_for(int local_size) {
    return round_up(heads(local_size)) + slots(local_size) + stagings(local_size) + window_bytes;
}

NodeArea::NodeArea(SharedSegment segment, int local_size)
    : segment_(std::move(segment)), local_size_(local_size) {}

std::size_t NodeArea::slots_offset() const {
    return round_up(heads(local_size_));
}
std::size_t NodeArea::staging_offset() const {
    return slots_offset() + slots(local_size_);
}
std::size_t NodeArea::window_offset() const {
    return staging_offset() + stagings(local_size_);
}

void NodeArea::commit(int local_rank) {
    const auto rank = static_cast<std::size_t>(local_rank);
    segment_.commit(staging_offset() + rank * staging_bytes, staging_bytes);
    if (local_rank != 0) return;
    segment_.commit(0, staging_offset());
    segment_.commit(window_offset(), window_bytes);
}

BarrierState& NodeArea::barrier() const {
    return *reinterpret_cast<BarrierState*>(segment_.data());
}

ArrivalMark* NodeArea::marks() const {
    return reinterpret_cast<ArrivalMark*>(segment_.data() + sizeof(BarrierState));
}

Announcement& NodeArea::announcement(int local_rank) const {
    return reinterpret_cast<Announcement*>(marks() + local_size_)[local_rank];
}

std::byte* NodeArea::slot(int parity, int local_rank) const {
    const auto number = static_cast<std::size_t>(parity * (local_size_ + 1) + local_rank);
    return segment_.data() + slots_offset() + number * slot_bytes;
}

std::byte* NodeArea::staging(int local_rank) const {
    return segment_.data() + staging_offset() +
           static_cast<std::size_t>(local_rank) * staging_bytes;
}

std::byte* NodeArea::window() const {
    return segment_.data() + window_offset();
}

}  // namespace warpstep::comm::host
