// SPDX-License-Identifier: Apache-2.0
// Inside a node every rank reduces its own slice over all ranks' memory, in rank order, and writes
// it to everybody. Memory that peers cannot reach is staged in pieces. Between nodes the leaders
// reduce the nodes' sums.
#include <algorithm>
#include <array>
#include <cstring>

#include "runtime/comm/host/elementwise.hpp"
#include "runtime/comm/host/host_communicator.hpp"
#include "runtime/comm/host/processor.hpp"
#include "runtime/comm/host/put.hpp"
#include "runtime/comm/host/reduction.hpp"
#include "runtime/comm/host/spread.hpp"

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
            reduce_between_nodes(r, result);
            if (light) std::memcpy(barrier_.my_message(), result, r.bytes());
        }
        barrier_.wait(until);
        if (!r.taken_by(rank())) return;
        std::memcpy(r.recv, light ? barrier_.message_of(0) : result, r.bytes());
    }
    if (r.op == ReduceOp::avg) divide(r.dtype, r.recv, r.count, size());
}

// Short sums go straight from every leader to every other: one way through the network, where
// Gloo's algorithm needs several and a thread's attention for each. Every leader adds up in the
// nodes' order.
void HostCommunicator::reduce_between_nodes(const Reduction& r, std::byte* sum) {
    constexpr int most_nodes = 8;
    if (step_.nodes() > most_nodes) return leaders_->all_reduce(sum, r.count, r.dtype, r.op);
    std::array<std::byte, most_nodes * NodeArea::slot_bytes> sums;
    std::vector<Transfer> transfers;
    sources_.clear();
    for (int node = 0; node < step_.nodes(); ++node) {
        std::byte* theirs = sums.data() + static_cast<std::size_t>(node) * NodeArea::slot_bytes;
        sources_.push_back(theirs);
        if (node == step_.node) {
            std::memcpy(theirs, sum, r.bytes());
            continue;
        }
        const int leader = global_rank(node, 0);
        transfers.push_back({Transfer::Way::send, leader, sum, r.bytes()});
        transfers.push_back({Transfer::Way::receive, leader, theirs, r.bytes()});
    }
    run_transfers(transfers);
    reduce_all(r.dtype, r.op, sum, sources_, r.count);
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
    const Reach& places = reach();
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
    const std::size_t offset = begin * r.width();
    sources_.clear();
    for (int local = 0; local < local_size(); ++local) {
        const std::byte* shared = places.send[static_cast<std::size_t>(local)];
        sources_.push_back(shared != nullptr ? shared + offset : area_.staging(local));
    }
    targets_.clear();
    if (!one_node() || !takers_reached(r, places)) targets_.push_back(area_.window());
    for (std::byte* recv : places.recv) {
        if (one_node() && recv != nullptr) targets_.push_back(recv + offset);
    }
    const bool around = bypasses_caches(count * r.width() * (sources_.size() + targets_.size()));
    const int divisor = one_node() && r.op == ReduceOp::avg ? size() : 1;
    auto [first, last] = slice_of(count, r.width(), local_size(), here());
    if (sources_.size() == targets_.size()) {
        first = spread({r.dtype, r.op, divisor, sources_.data(), targets_.data(), sources_.size()},
                       first, last, around);
    }
    reduce_in_blocks(r, {first, last}, divisor, around);
    if (around) finish_streaming();
}

// In place, a source is a target too, so the sum is finished before it is written anywhere.
void HostCommunicator::reduce_in_blocks(const Reduction& r, Slice slice, int divisor, bool around) {
    const std::size_t block = block_bytes / r.width();
    alignas(64) std::array<std::byte, block_bytes> sum;
    std::vector<const std::byte*> sources(sources_.size());
    for (std::size_t at = slice.begin; at < slice.end; at += block) {
        const std::size_t length = std::min(block, slice.end - at);
        for (std::size_t i = 0; i < sources.size(); ++i) sources[i] = sources_[i] + at * r.width();
        reduce_all(r.dtype, r.op, sum.data(), sources, length);
        if (divisor != 1) divide(r.dtype, sum.data(), length, divisor);
        for (std::byte* target : targets_) {
            put(target + at * r.width(), sum.data(), length * r.width(), around);
        }
    }
}

}  // namespace warpstep::comm::host
