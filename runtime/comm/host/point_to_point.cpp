// SPDX-License-Identifier: Apache-2.0
// Messages between two ranks, and groups: at the end of a group its messages move together, then
// its collective operations follow in their order.
#include <cstring>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/comm/host/host_communicator.hpp"

namespace warpstep::comm::host {

void HostCommunicator::send(const void* send, std::size_t count, DType dtype, int peer,
                            device::Stream&) {
    auto* data = static_cast<std::byte*>(const_cast<void*>(send));
    transfer({Transfer::Way::send, peer, data, count * size_of(dtype)});
}

void HostCommunicator::recv(void* recv, std::size_t count, DType dtype, int peer, device::Stream&) {
    transfer({Transfer::Way::receive, peer, static_cast<std::byte*>(recv), count * size_of(dtype)});
}

void HostCommunicator::transfer(Transfer transfer) {
    if (transfer.peer < 0 || transfer.peer >= size()) {
        fail<LogicError>("no rank {} in a communicator of {}", transfer.peer, size());
    }
    if (transfer.bytes == 0) return;
    if (group_) {
        group_->transfers.push_back(transfer);
        return;
    }
    run_transfers({transfer});
}

void HostCommunicator::run_transfers(const std::vector<Transfer>& transfers) {
    if (!transfers.empty()) messenger_.run(transfers, deadline());
}

void HostCommunicator::group(const std::function<void()>& body) {
    if (group_) fail<LogicError>("groups of a communicator do not nest");
    group_.emplace();
    try {
        body();
    } catch (...) {
        group_.reset();
        throw;
    }
    const Group group = std::move(*group_);
    group_.reset();
    run_transfers(group.transfers);
    for (const auto& operation : group.operations) operation();
}

// Short parts go through the rings at once. The last barrier keeps what was announced until all
// have read it.
bool HostCommunicator::move_directly(const void* send, std::size_t bytes, std::optional<int> root,
                                     const std::function<void(const Reach&)>& copy) {
    const auto until = deadline();
    announce(send, nullptr, bytes, 0);
    barrier_.wait(until);
    const Reach& places = reach();
    const auto local_root = root ? local_rank_of(step_.node, *root) : 0;
    const bool reached =
        root ? places.send[static_cast<std::size_t>(local_root)] != nullptr : places.all_send;
    if (reached) copy(places);
    barrier_.wait(until);
    return reached;
}

}  // namespace warpstep::comm::host
