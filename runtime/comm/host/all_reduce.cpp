// SPDX-License-Identifier: Apache-2.0
// Inside a node every rank reduces its own slice over all ranks' memory, in rank order, and writes
// it to everybody. Memory that peers cannot reach is staged in pieces. Between nodes the leaders
// reduce the nodes' sums.
#include <algorithm>
#include <array>
#include <cstring>

#include "runtime/comm/host/elementwise.hpp"
#include "runtime/comm/host/host_communicator.hpp"
#include "runtime/comm/host/put.hpp"
#include "runtime/comm/host/reduction.hpp"

namespace warpstep::comm::host {

void HostCommunicator::all_reduce(const void* send, void* recv, std::size_t count, DType dtype,
                                  ReduceOp op, device::Stream& stream) {
    if (deferred([=, this, &stream] { all_reduce(send, recv, count, dtype, op, stream); })) return;
    reduce_to({static_cast<const std::byte*>(send), static_cast<std::byte*>(recv), count, dtype, op,
               std::nullopt});
}

void HostCommunicator::reduce_to(const Reduction& r) {
    if (r.count == 0) return;
    if (size() == 1) {
        if (r.send != r.recv) std::memcpy(r.recv, r.send, r.bytes());
    } else if (r.bytes() <= NodeArea::slot_bytes) {
        reduce_short(r, deadline());
    } else {
        reduce_long(r, deadline());
    }
}

// One barrier: what a rank brings to the next short operation lies elsewhere, and by the one after
// it all have left this. Between nodes the leader brings the result to a second one.
void HostCommunicator::reduce_short(const Reduction& r, Deadline until) {
    const bool light = r.bytes() <= Arrival::message_bytes;  // travels with the barrier
    const int parity = next_parity();
    std::memcpy(light ? barrier_.my_message() : area_.slot(parity, here()), r.send, r.bytes());
    barrier_.wait(until);
    sources_.clear();
    for (int local = 0; local < local_size(); ++local) {
        sources_.push_back(light ? barrier_.message_of(local) : area_.slot(parity, local));
    }
    if (one_node()) {
        if (!r.taken_by(rank())) return;
        reduce_all(r.dtype, r.op, r.recv, sources_, r.count);
    } else {
        std::byte* result = area_.result_slot(parity);
        if (leaders_) {
            reduce_all(r.dtype, r.op, result, sources_, r.count);
            leaders_->all_reduce(result, r.count, r.dtype, r.op);
            if (light) std::memcpy(barrier_.my_message(), result, r.bytes());
        }
        barrier_.wait(until);
        if (!r.taken_by(rank())) return;
        std::memcpy(r.recv, light ? barrier_.message_of(0) : result, r.bytes());
    }
    if (r.op == ReduceOp::avg) divide(r.dtype, r.recv, r.count, size());
}

void HostCommunicator::reduce_long(const Reduction& r, Deadline until) {
    announce(r.send, r.taken_by(rank()) ? r.recv : nullptr, r.bytes(), r.bytes());
    const bool staged = area_.announcement(here()).send.allocation == 0;
    const auto stage = [&](std::size_t begin, std::size_t count) {
        if (!staged) return;
        std::memcpy(area_.staging(here()), r.send + begin * r.width(), count * r.width());
    };
    // The first piece is staged before the barrier after which all know who reaches what.
    const std::size_t in_staging = NodeArea::staging_bytes / r.width();
    stage(0, std::min(r.count, in_staging));
    barrier_.wait(until);
    const Reach places = reach();
    const bool in_place = places.all_send && takers_reached(r, places);
    std::size_t piece = one_node() && in_place ? r.count : NodeArea::window_bytes / r.width();
    if (!places.all_send) piece = in_staging;
    for (std::size_t begin = 0; begin < r.count; begin += piece) {
        const std::size_t count = std::min(piece, r.count - begin);
        if (begin > 0) {
            stage(begin, count);
            barrier_.wait(until);
        }
        reduce_slice(r, places, begin, count);
        barrier_.wait(until);
        if (!one_node()) {
            if (leaders_) leaders_->all_reduce(area_.window(), count, r.dtype, r.op);
            barrier_.wait(until);
        }
        const auto mine = static_cast<std::size_t>(here());
        if (!r.taken_by(rank())) continue;
        if (one_node() && places.recv[mine] != nullptr) continue;
        std::byte* recv = r.recv + begin * r.width();
        std::memcpy(recv, area_.window(), count * r.width());
        if (!one_node() && r.op == ReduceOp::avg) divide(r.dtype, recv, count, size());
    }
}

bool HostCommunicator::takers_reached(const Reduction& r, const Reach& places) const {
    if (!r.root) return places.all_recv;
    if (step_.node_of(*r.root) != step_.node) return true;
    const auto local = static_cast<std::size_t>(local_rank_of(step_.node, *r.root));
    return places.recv[local] != nullptr;
}

// Writes this rank's slice of the piece to every place from which it is read: the ranks' own memory
// where it can be reached, the window for the rest and for the leaders.
void HostCommunicator::reduce_slice(const Reduction& r, const Reach& places, std::size_t begin,
                                    std::size_t count) {
    const auto [first, last] = slice_of(count, r.width(), local_size(), here());
    const std::size_t offset = begin * r.width();
    std::vector<const std::byte*> sources;
    for (int local = 0; local < local_size(); ++local) {
        const std::byte* shared = places.send[static_cast<std::size_t>(local)];
        sources.push_back(shared != nullptr ? shared + offset : area_.staging(local));
    }
    std::vector<std::byte*> targets;
    if (!one_node() || !takers_reached(r, places)) targets.push_back(area_.window());
    for (std::byte* recv : places.recv) {
        if (one_node() && recv != nullptr) targets.push_back(recv + offset);
    }
    const bool around = bypasses_caches(count * r.width() * (sources.size() + targets.size()));
    const std::size_t block = block_bytes / r.width();
    alignas(64) std::array<std::byte, block_bytes> sum;
    sources_.resize(sources.size());
    for (std::size_t at = first; at < last; at += block) {
        const std::size_t length = std::min(block, last - at);
        const std::size_t in_piece = at * r.width();
        for (std::size_t i = 0; i < sources.size(); ++i) sources_[i] = sources[i] + in_piece;
        // In place, a source is a target too.
        reduce_all(r.dtype, r.op, sum.data(), sources_, length);
        if (one_node() && r.op == ReduceOp::avg) divide(r.dtype, sum.data(), length, size());
        for (std::byte* target : targets) {
            put(target + in_piece, sum.data(), length * r.width(), around);
        }
    }
    if (around) finish_puts();
}

}  // namespace warpstep::comm::host
