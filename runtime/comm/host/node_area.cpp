// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/host/node_area.hpp"

#include <algorithm>
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

// The doorbell of one rank and the heads of all rings that end at it.
std::size_t row_bytes(int local_size) {
    return round_up(sizeof(Doorbell) + static_cast<std::size_t>(local_size) * sizeof(LaneHead));
}

std::size_t rows(int local_size) {
    return static_cast<std::size_t>(local_size) * row_bytes(local_size);
}

}  // namespace

// Rings of a rank together have about a MiB; a sender has to come back after every ring full.
std::size_t NodeArea::lane_bytes_for(int local_size) {
    const std::size_t share = (std::size_t{1} << 20) / static_cast<std::size_t>(local_size);
    return std::clamp<std::size_t>(share / page * page, 2 * page, 32 * page);
}

std::size_t NodeArea::bytes_for(int local_size) {
    const auto ranks = static_cast<std::size_t>(local_size);
    return round_up(heads(local_size)) + slots(local_size) + stagings(local_size) + window_bytes +
           rows(local_size) + ranks * ranks * lane_bytes_for(local_size);
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
std::size_t NodeArea::rows_offset() const {
    return window_offset() + window_bytes;
}
std::size_t NodeArea::lanes_offset() const {
    return rows_offset() + rows(local_size_);
}
std::size_t NodeArea::lane_offset(int from, int to) const {
    const int number = to * local_size_ + from;
    return lanes_offset() + static_cast<std::size_t>(number) * lane_bytes();
}

void NodeArea::commit(int local_rank) {
    const auto rank = static_cast<std::size_t>(local_rank);
    segment_.commit(staging_offset() + rank * staging_bytes, staging_bytes);
    segment_.commit(rows_offset() + rank * row_bytes(local_size_), row_bytes(local_size_));
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
    const auto number =
        static_cast<std::size_t>(parity) * static_cast<std::size_t>(local_size_ + 1) +
        static_cast<std::size_t>(local_rank);
    return segment_.data() + slots_offset() + number * slot_bytes;
}

std::byte* NodeArea::staging(int local_rank) const {
    return segment_.data() + staging_offset() +
           static_cast<std::size_t>(local_rank) * staging_bytes;
}

std::byte* NodeArea::window() const {
    return segment_.data() + window_offset();
}

std::byte* NodeArea::row(int local_rank) const {
    return segment_.data() + rows_offset() +
           static_cast<std::size_t>(local_rank) * row_bytes(local_size_);
}

Doorbell& NodeArea::doorbell(int local_rank) const {
    return *reinterpret_cast<Doorbell*>(row(local_rank));
}

LaneHead& NodeArea::lane_head(int from, int to) const {
    return reinterpret_cast<LaneHead*>(row(to) + sizeof(Doorbell))[from];
}

std::byte* NodeArea::lane(int from, int to) const {
    return segment_.data() + lane_offset(from, to);
}

void NodeArea::commit_lane(int from, int to) {
    segment_.commit(lane_offset(from, to), lane_bytes());
}

}  // namespace warpstep::comm::host
