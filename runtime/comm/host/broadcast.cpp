// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "runtime/comm/host/host_communicator.hpp"

namespace warpstep::comm::host {

void HostCommunicator::broadcast(void* buffer, std::size_t count, DType dtype, int root,
                                 device::Stream& stream) {
    if (deferred([=, this, &stream] { broadcast(buffer, count, dtype, root, stream); })) return;
    const std::size_t bytes = count * size_of(dtype);
    if (bytes == 0 || size() == 1) return;
    auto* data = static_cast<std::byte*>(buffer);
    if (bytes <= NodeArea::slot_bytes) {
        broadcast_short(data, bytes, root, deadline());
    } else if (one_node()) {
        broadcast_in_node(data, bytes, root, deadline());
    } else {
        broadcast_between_nodes(data, bytes, root, deadline());
    }
}

void HostCommunicator::broadcast_short(void* buffer, std::size_t bytes, int root, Deadline until) {
    std::byte* slot = area_.result_slot(next_parity());
    const int root_node = step_.node_of(root);
    if (rank() == root) std::memcpy(slot, buffer, bytes);
    barrier_.wait(until);
    if (!one_node()) {
        if (leaders_) leaders_->broadcast(slot, bytes, root_node);
        barrier_.wait(until);
    }
    if (rank() != root) std::memcpy(buffer, slot, bytes);
}

void HostCommunicator::broadcast_in_node(std::byte* buffer, std::size_t bytes, int root,
                                         Deadline until) {
    announce(nullptr, buffer, 0, bytes);
    const bool is_root = rank() == root;
    const int local_root = local_rank_of(step_.node, root);
    barrier_.wait(until);
    const auto& place = area_.announcement(local_root).recv;
    const std::byte* shared = symmetric_->address_of(place, local_root);
    const std::size_t piece = shared != nullptr ? bytes : NodeArea::window_bytes;
    for (std::size_t begin = 0; begin < bytes; begin += piece) {
        const std::size_t length = std::min(piece, bytes - begin);
        if (shared == nullptr) {
            if (is_root) std::memcpy(area_.window(), buffer + begin, length);
            barrier_.wait(until);
        }
        const std::byte* from = shared != nullptr ? shared + begin : area_.window();
        if (!is_root) std::memcpy(buffer + begin, from, length);
        barrier_.wait(until);
    }
}

void HostCommunicator::broadcast_between_nodes(std::byte* buffer, std::size_t bytes, int root,
                                               Deadline until) {
    const int root_node = step_.node_of(root);
    for (std::size_t begin = 0; begin < bytes; begin += NodeArea::window_bytes) {
        const std::size_t length = std::min(NodeArea::window_bytes, bytes - begin);
        // Nobody may still be reading the piece before this one, or what another operation left
        // there.
        barrier_.wait(until);
        if (rank() == root) std::memcpy(area_.window(), buffer + begin, length);
        barrier_.wait(until);
        if (leaders_) leaders_->broadcast(area_.window(), length, root_node);
        barrier_.wait(until);
        if (rank() != root) std::memcpy(buffer + begin, area_.window(), length);
    }
}

}  // namespace warpstep::comm::host
