// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/host/host_communicator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "runtime/base/units.hpp"

#include "runtime/base/error.hpp"

namespace warpstep::comm::host {

std::vector<int> known_ranks_here(const step::Step& step) {
    auto ranks = step.node_ranks[static_cast<std::size_t>(step.node)];
    if (step.known_as.empty()) return ranks;
    for (int& rank : ranks) rank = step.known_as[static_cast<std::size_t>(rank)];
    return ranks;
}

HostCommunicator::HostCommunicator(const step::Step& step, const ControlChannel& channel,
                                   NodeArea area, std::optional<RemoteLanes> remote,
                                   const std::string& token,
                                   std::chrono::milliseconds operation_timeout)
    : step_(step),
      channel_(channel),
      area_(std::move(area)),
      token_(token),
      operation_timeout_(operation_timeout),
      barrier_(area_.barrier(), area_.marks(), step.local_rank, known_ranks_here(step),
               step.node_name(), channel),
      symmetric_(std::make_shared<SymmetricMemory>(step.local_rank)),
      messenger_(step, channel, area_, std::move(remote)) {}

void HostCommunicator::meet(Deadline setup) {
    barrier_.wait(setup);
    area_.unlink();
}

void HostCommunicator::join_leaders(Exchange& exchange, const std::string& my_address,
                                    Deadline setup) {
    my_address_ = my_address;
    leaders_ = Leaders::connect(step_, exchange, channel_, area_.data(), area_.bytes(), my_address,
                                setup, operation_timeout_);
}

std::string HostCommunicator::backend() const {
    if (one_node()) return "shared memory";
    const bool one_each = step_.nodes() == step_.size;
    return one_each ? "gloo" : "shared memory + gloo";
}

int HostCommunicator::global_rank(int node, int local_rank) const {
    return step_.node_ranks[static_cast<std::size_t>(node)][static_cast<std::size_t>(local_rank)];
}

int HostCommunicator::local_rank_of(int node, int rank) const {
    const auto& ranks = step_.node_ranks[static_cast<std::size_t>(node)];
    return static_cast<int>(std::find(ranks.begin(), ranks.end(), rank) - ranks.begin());
}

void HostCommunicator::announce(const void* send, void* recv, std::size_t send_bytes,
                                std::size_t recv_bytes) {
    auto& mine = area_.announcement(here());
    mine.send = symmetric_->place_of(send, send_bytes);
    mine.recv = symmetric_->place_of(recv, recv_bytes);
}

const HostCommunicator::Reach& HostCommunicator::reach() {
    reach_.send.clear();
    reach_.recv.clear();
    reach_.all_send = reach_.all_recv = true;
    for (int local = 0; local < local_size(); ++local) {
        const auto& theirs = area_.announcement(local);
        reach_.send.push_back(symmetric_->address_of(theirs.send, local));
        reach_.recv.push_back(symmetric_->address_of(theirs.recv, local));
        reach_.all_send = reach_.all_send && reach_.send.back() != nullptr;
        reach_.all_recv = reach_.all_recv && reach_.recv.back() != nullptr;
    }
    return reach_;
}

// Every step is taken by all ranks of the node also when one of them fails, so that all of them
// report the same.
std::unique_ptr<device::Buffer> HostCommunicator::allocate(std::size_t bytes) {
    if (group_) fail<LogicError>("memory cannot be allocated inside a group");
    const auto until = deadline();
    const std::int32_t number = ++allocations_;
    const auto name = fmt::format("/warpstep-{}-{}", token_, number);
    const std::size_t part = SymmetricMemory::part_bytes(bytes);
    const std::size_t total = part * static_cast<std::size_t>(local_size());
    SharedSegment segment;
    const auto refused_to = [&](int local, int phase) -> std::int32_t& {
        return area_.announcement(local).errors[phase];
    };
    const auto attempt = [&](int phase, auto&& body) {
        auto& error = refused_to(here(), phase);
        error = 0;
        try {
            body();
        } catch (const std::system_error& refused) {
            error = refused.code().value();
        }
        barrier_.wait(until);
    };
    attempt(0, [&] {
        if (local_size() == 1) segment = SharedSegment::anonymous(total);
        if (local_size() > 1 && is_leader()) segment = SharedSegment::create(name, total);
    });
    attempt(1, [&] {
        const int of_leader = refused_to(0, 0);
        if (of_leader != 0) throw std::system_error(of_leader, std::generic_category());
        if (local_size() > 1 && !is_leader()) segment = SharedSegment::attach(name, total);
        segment.commit(part * static_cast<std::size_t>(here()), part);
    });
    segment.unlink();
    for (int local = 0; local < local_size(); ++local) {
        if (refused_to(local, 1) == 0) continue;
        fail<DeviceError>(
            "cannot allocate {} of shared memory for each of {} ranks on {} ({}); free /dev/shm or "
            "make it larger, or use smaller buffers",
            show_bytes(bytes), local_size(), step_.node_name(),
            std::generic_category().message(refused_to(local, 1)));
    }
    return SymmetricMemory::adopt(symmetric_, std::move(segment), number, bytes);
}

void HostCommunicator::barrier(device::Stream& stream) {
    if (deferred([this, &stream] { barrier(stream); })) return;
    const auto until = deadline();
    barrier_.wait(until);
    if (one_node()) return;
    if (leaders_) leaders_->barrier();
    barrier_.wait(until);
}

void HostCommunicator::wait(device::Stream& stream) {
    stream.synchronize();
    channel_.check();
}

}  // namespace warpstep::comm::host
