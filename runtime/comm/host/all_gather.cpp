// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "runtime/comm/host/host_communicator.hpp"

namespace warpstep::comm::host {
namespace {

// In place: the rank's own part is where it belongs.
void copy_unless_same(std::byte* to, const std::byte* from, std::size_t bytes) {
    if (to != from) std::memcpy(to, from, bytes);
}

}  // namespace

void HostCommunicator::all_gather(const void* send, void* recv, std::size_t count, DType dtype,
                                  device::Stream& stream) {
    if (deferred([=, this, &stream] { all_gather(send, recv, count, dtype, stream); })) return;
    const std::size_t bytes = count * size_of(dtype);
    const auto* from = static_cast<const std::byte*>(send);
    auto* to = static_cast<std::byte*>(recv);
    if (bytes == 0) return;
    if (size() == 1) {
        copy_unless_same(to, from, bytes);
    } else if (!one_node()) {
        gather_between_nodes(from, to, bytes, deadline());
    } else if (bytes <= NodeArea::slot_bytes) {
        gather_short(from, to, bytes, deadline());
    } else {
        gather_in_node(from, to, bytes, deadline());
    }
}

void HostCommunicator::gather_short(const void* send, std::byte* recv, std::size_t bytes,
                                    Deadline until) {
    const int parity = next_parity();
    std::memcpy(area_.slot(parity, here()), send, bytes);
    barrier_.wait(until);
    for (int local = 0; local < local_size(); ++local) {
        const auto rank = static_cast<std::size_t>(global_rank(step_.node, local));
        std::memcpy(recv + rank * bytes, area_.slot(parity, local), bytes);
    }
}

void HostCommunicator::gather_in_node(const std::byte* send, std::byte* recv, std::size_t bytes,
                                      Deadline until) {
    announce(send, nullptr, bytes, 0);
    const bool staged = area_.announcement(here()).send.allocation == 0;
    const auto stage = [&](std::size_t begin) {
        if (!staged) return;
        const std::size_t length = std::min(NodeArea::staging_bytes, bytes - begin);
        std::memcpy(area_.staging(here()), send + begin, length);
    };
    stage(0);
    barrier_.wait(until);
    const Reach& places = reach();
    const std::size_t piece = places.all_send ? bytes : NodeArea::staging_bytes;
    for (std::size_t begin = 0; begin < bytes; begin += piece) {
        if (begin > 0) {
            stage(begin);
            barrier_.wait(until);
        }
        const std::size_t length = std::min(piece, bytes - begin);
        for (int local = 0; local < local_size(); ++local) {
            const auto rank = static_cast<std::size_t>(global_rank(step_.node, local));
            const std::byte* shared = places.send[static_cast<std::size_t>(local)];
            const std::byte* from = local == here()     ? send + begin
                                    : shared != nullptr ? shared + begin
                                                        : area_.staging(local);
            copy_unless_same(recv + rank * bytes + begin, from, length);
        }
        barrier_.wait(until);
    }
}

// The window holds a piece of every rank of the step, node after node.
void HostCommunicator::gather_between_nodes(const std::byte* send, std::byte* recv,
                                            std::size_t bytes, Deadline until) {
    const std::size_t piece = NodeArea::window_bytes / static_cast<std::size_t>(size());
    std::vector<std::size_t> node_bytes(static_cast<std::size_t>(step_.nodes()));
    for (std::size_t begin = 0; begin < bytes; begin += piece) {
        const std::size_t length = std::min(piece, bytes - begin);
        std::size_t place = 0;  // of this rank in the window, in ranks
        for (std::size_t node = 0; node < node_bytes.size(); ++node) {
            node_bytes[node] = step_.node_ranks[node].size() * length;
            if (static_cast<int>(node) < step_.node) place += step_.node_ranks[node].size();
        }
        place += static_cast<std::size_t>(here());
        // Nobody may still be reading the piece before this one, or what another operation left
        // there.
        barrier_.wait(until);
        std::memcpy(area_.window() + place * length, send + begin, length);
        barrier_.wait(until);
        if (leaders_) leaders_->all_gather(area_.window(), node_bytes);
        barrier_.wait(until);
        const std::byte* from = area_.window();
        for (const auto& ranks : step_.node_ranks) {
            for (const int rank : ranks) {
                copy_unless_same(recv + static_cast<std::size_t>(rank) * bytes + begin, from,
                                 length);
                from += length;
            }
        }
    }
}

}  // namespace warpstep::comm::host
