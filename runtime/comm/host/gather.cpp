// SPDX-License-Identifier: Apache-2.0
// The root copies out of the others' memory where it reaches it; else they send. Scatter is the
// other way round.
#include <cstring>
#include <vector>

#include "runtime/comm/host/host_communicator.hpp"

namespace warpstep::comm::host {

void HostCommunicator::gather(const void* send, void* recv, std::size_t count, DType dtype,
                              int root, device::Stream& stream) {
    if (deferred([=, this, &stream] { gather(send, recv, count, dtype, root, stream); })) return;
    const std::size_t part = count * size_of(dtype);
    if (part == 0) return;
    auto* from = static_cast<std::byte*>(const_cast<void*>(send));
    auto* to = static_cast<std::byte*>(recv);
    const auto copy = [&](const Reach& places) {
        for (int local = 0; rank() == root && local < local_size(); ++local) {
            const auto peer = static_cast<std::size_t>(global_rank(step_.node, local));
            // In place, the root's own part is where it belongs.
            std::memmove(to + peer * part, places.send[static_cast<std::size_t>(local)], part);
        }
    };
    const bool direct = one_node() && part > NodeArea::slot_bytes;
    if (direct && move_directly(send, part, std::nullopt, copy)) return;
    std::vector<Transfer> transfers{{Transfer::Way::send, root, from, part}};
    for (int peer = 0; rank() == root && peer < size(); ++peer) {
        transfers.push_back(
            {Transfer::Way::receive, peer, to + static_cast<std::size_t>(peer) * part, part});
    }
    run_transfers(transfers);
}

void HostCommunicator::scatter(const void* send, void* recv, std::size_t count, DType dtype,
                               int root, device::Stream& stream) {
    if (deferred([=, this, &stream] { scatter(send, recv, count, dtype, root, stream); })) return;
    const std::size_t part = count * size_of(dtype);
    if (part == 0) return;
    const bool is_root = rank() == root;
    auto* from = static_cast<std::byte*>(const_cast<void*>(is_root ? send : nullptr));
    auto* to = static_cast<std::byte*>(recv);
    const auto copy = [&](const Reach& places) {
        const auto local = static_cast<std::size_t>(local_rank_of(step_.node, root));
        std::memmove(to, places.send[local] + static_cast<std::size_t>(rank()) * part, part);
    };
    const bool direct = one_node() && part > NodeArea::slot_bytes;
    const std::size_t all = static_cast<std::size_t>(size()) * part;
    if (direct && move_directly(from, is_root ? all : 0, root, copy)) return;
    std::vector<Transfer> transfers{{Transfer::Way::receive, root, to, part}};
    for (int peer = 0; is_root && peer < size(); ++peer) {
        transfers.push_back(
            {Transfer::Way::send, peer, from + static_cast<std::size_t>(peer) * part, part});
    }
    run_transfers(transfers);
}

}  // namespace warpstep::comm::host
