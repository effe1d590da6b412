// SPDX-License-Identifier: Apache-2.0
// Ranks of one node copy out of each other's memory where they reach it; else everybody sends to
// everybody.
#include <cstring>
#include <vector>

#include "runtime/comm/host/host_communicator.hpp"

namespace warpstep::comm::host {

void HostCommunicator::all_to_all(const void* send, void* recv, std::size_t count, DType dtype,
                                  device::Stream& stream) {
    if (deferred([=, this, &stream] { all_to_all(send, recv, count, dtype, stream); })) return;
    const std::size_t part = count * size_of(dtype);
    if (part == 0) return;
    const auto parts = static_cast<std::size_t>(size());
    auto* from = static_cast<std::byte*>(const_cast<void*>(send));
    auto* to = static_cast<std::byte*>(recv);
    const auto copy = [&](const Reach& places) {
        for (std::size_t step = 0; step < parts; ++step) {
            // Each begins with itself, so that not all read one rank's memory at the same time.
            const int local = (here() + static_cast<int>(step)) % local_size();
            const auto peer = static_cast<std::size_t>(global_rank(step_.node, local));
            std::memcpy(to + peer * part,
                        places.send[static_cast<std::size_t>(local)] +
                            static_cast<std::size_t>(rank()) * part,
                        part);
        }
    };
    const bool direct = one_node() && part > NodeArea::slot_bytes;
    if (direct && move_directly(send, parts * part, std::nullopt, copy)) return;
    std::vector<Transfer> transfers;
    for (int step = 0; step < size(); ++step) {
        const int after = (rank() + step) % size();
        const int before = (rank() - step + size()) % size();
        transfers.push_back(
            {Transfer::Way::send, after, from + static_cast<std::size_t>(after) * part, part});
        transfers.push_back(
            {Transfer::Way::receive, before, to + static_cast<std::size_t>(before) * part, part});
    }
    run_transfers(transfers);
}

}  // namespace warpstep::comm::host
