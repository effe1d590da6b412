// SPDX-License-Identifier: Apache-2.0
// Inside a node every rank reduces its own part over all ranks' memory, in rank order. Between
// nodes the ranks of a node reduce all parts, piece by piece, and the leaders add up the nodes'.
#include <algorithm>
#include <cstring>
#include <vector>

#include "runtime/comm/host/host_communicator.hpp"
#include "runtime/comm/host/reduction.hpp"

namespace warpstep::comm::host {

void HostCommunicator::reduce_scatter(const void* send, void* recv, std::size_t count, DType dtype,
                                      ReduceOp op, device::Stream& stream) {
    if (deferred([=, this, &stream] { reduce_scatter(send, recv, count, dtype, op, stream); })) {
        return;
    }
    const Reduction r{static_cast<const std::byte*>(send),
                      static_cast<std::byte*>(recv),
                      count,
                      dtype,
                      op,
                      std::nullopt};
    if (count == 0) return;
    if (size() == 1) {
        if (send != recv) std::memcpy(recv, send, r.bytes());
    } else if (one_node()) {
        scatter_in_node(r, deadline());
    } else {
        scatter_between_nodes(r, deadline());
    }
    if (op == ReduceOp::avg) divide(dtype, recv, count, size());
}

// What peers cannot reach is staged: a piece of every part, one after the other.
void HostCommunicator::scatter_in_node(const Reduction& r, Deadline until) {
    const auto parts = static_cast<std::size_t>(size());
    announce(r.send, nullptr, parts * r.bytes(), 0);
    const bool staged = area_.announcement(here()).send.allocation == 0;
    const std::size_t in_staging = NodeArea::staging_bytes / parts / r.width();
    const auto stage = [&](std::size_t begin, std::size_t count) {
        for (std::size_t part = 0; staged && part < parts; ++part) {
            std::memcpy(area_.staging(here()) + part * count * r.width(),
                        r.send + part * r.bytes() + begin * r.width(), count * r.width());
        }
    };
    stage(0, std::min(r.count, in_staging));
    barrier_.wait(until);
    const Reach& places = reach();
    const auto mine = static_cast<std::size_t>(rank());
    std::vector<const std::byte*> sources(static_cast<std::size_t>(local_size()));
    std::vector<std::byte> sum(block_bytes);
    const std::size_t piece = places.all_send ? r.count : in_staging;
    for (std::size_t begin = 0; begin < r.count; begin += piece) {
        const std::size_t count = std::min(piece, r.count - begin);
        if (begin > 0) {
            stage(begin, count);
            barrier_.wait(until);
        }
        for (std::size_t at = 0; at < count; at += block_bytes / r.width()) {
            const std::size_t length = std::min(block_bytes / r.width(), count - at);
            for (std::size_t local = 0; local < sources.size(); ++local) {
                const std::byte* shared = places.send[local];
                sources[local] =
                    shared != nullptr
                        ? shared + mine * r.bytes() + (begin + at) * r.width()
                        : area_.staging(static_cast<int>(local)) + (mine * count + at) * r.width();
            }
            // In place, this rank's part of `send` is a source and the target.
            reduce_all(r.dtype, r.op, sum.data(), sources, length);
            std::memcpy(r.recv + (begin + at) * r.width(), sum.data(), length * r.width());
        }
        barrier_.wait(until);
    }
}

void HostCommunicator::scatter_between_nodes(const Reduction& r, Deadline until) {
    const auto parts = static_cast<std::size_t>(size());
    const std::size_t piece = NodeArea::staging_bytes / parts / r.width();
    std::vector<const std::byte*> sources(static_cast<std::size_t>(local_size()));
    for (std::size_t begin = 0; begin < r.count; begin += piece) {
        const std::size_t count = std::min(piece, r.count - begin);
        for (std::size_t part = 0; part < parts; ++part) {
            std::memcpy(area_.staging(here()) + part * count * r.width(),
                        r.send + part * r.bytes() + begin * r.width(), count * r.width());
        }
        barrier_.wait(until);
        const auto [first, last] = slice_of(parts * count, r.width(), local_size(), here());
        for (std::size_t local = 0; local < sources.size(); ++local) {
            sources[local] = area_.staging(static_cast<int>(local)) + first * r.width();
        }
        reduce_all(r.dtype, r.op, area_.window() + first * r.width(), sources, last - first);
        barrier_.wait(until);
        if (leaders_) leaders_->all_reduce(area_.window(), parts * count, r.dtype, r.op);
        barrier_.wait(until);
        std::memcpy(r.recv + begin * r.width(),
                    area_.window() + static_cast<std::size_t>(rank()) * count * r.width(),
                    count * r.width());
    }
}

}  // namespace warpstep::comm::host
