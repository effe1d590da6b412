// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/solo_communicator.hpp"

#include <utility>

#include "runtime/base/error.hpp"

namespace warpstep::comm {

std::unique_ptr<device::Buffer> SoloCommunicator::allocate(std::size_t bytes) {
    return device_.allocate(bytes, device::Memory::device);
}

// Sum, average, minimum, maximum and product of one value are the value.
void SoloCommunicator::all_reduce(const void* send, void* recv, std::size_t count, DType dtype,
                                  ReduceOp, device::Stream& stream) {
    copy(recv, send, count, dtype, stream);
}

void SoloCommunicator::broadcast(void*, std::size_t, DType, int, device::Stream&) {}

void SoloCommunicator::all_gather(const void* send, void* recv, std::size_t count, DType dtype,
                                  device::Stream& stream) {
    copy(recv, send, count, dtype, stream);
}

void SoloCommunicator::barrier(device::Stream&) {}

void SoloCommunicator::wait(device::Stream& stream) {
    stream.synchronize();
}

void SoloCommunicator::reduce(const void* send, void* recv, std::size_t count, DType dtype,
                              ReduceOp, int, device::Stream& stream) {
    copy(recv, send, count, dtype, stream);
}

void SoloCommunicator::reduce_scatter(const void* send, void* recv, std::size_t count, DType dtype,
                                      ReduceOp, device::Stream& stream) {
    copy(recv, send, count, dtype, stream);
}

void SoloCommunicator::all_to_all(const void* send, void* recv, std::size_t count, DType dtype,
                                  device::Stream& stream) {
    copy(recv, send, count, dtype, stream);
}

void SoloCommunicator::gather(const void* send, void* recv, std::size_t count, DType dtype, int,
                              device::Stream& stream) {
    copy(recv, send, count, dtype, stream);
}

void SoloCommunicator::scatter(const void* send, void* recv, std::size_t count, DType dtype, int,
                               device::Stream& stream) {
    copy(recv, send, count, dtype, stream);
}

void SoloCommunicator::send(const void* send, std::size_t count, DType dtype, int,
                            device::Stream& stream) {
    if (!group_) fail_outside_group();
    group_->sent.push_back({send, nullptr, count * size_of(dtype), &stream});
}

void SoloCommunicator::recv(void* recv, std::size_t count, DType dtype, int,
                            device::Stream& stream) {
    if (!group_) fail_outside_group();
    group_->received.push_back({nullptr, recv, count * size_of(dtype), &stream});
}

void SoloCommunicator::fail_outside_group() {
    fail<LogicError>("a rank can send to itself and receive from itself only inside a group");
}

void SoloCommunicator::group(const std::function<void()>& body) {
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
    for (const auto& operation : group.operations) operation();
    if (group.sent.size() != group.received.size()) {
        fail<LogicError>("a group sends {} messages to its only rank and receives {}",
                         group.sent.size(), group.received.size());
    }
    for (std::size_t i = 0; i < group.sent.size(); ++i) pass(group.sent[i], group.received[i]);
}

// Both streams take part in the message, as they would with two ranks.
void SoloCommunicator::pass(const Message& sent, const Message& received) {
    if (sent.bytes != received.bytes) {
        fail<CommError>("a rank sends itself {} bytes and receives {}", sent.bytes, received.bytes);
    }
    const bool two_streams = sent.stream != received.stream;
    if (two_streams) follow(*received.stream, *sent.stream);
    device_.copy(received.to, sent.from, sent.bytes, *received.stream);
    if (two_streams) follow(*sent.stream, *received.stream);
}

void SoloCommunicator::follow(device::Stream& stream, device::Stream& other) {
    const auto event = device_.make_event();
    event->record(other);
    stream.wait(*event);
}

std::unique_ptr<Communicator> SoloCommunicator::split(int color, int) {
    return color < 0 ? nullptr : std::make_unique<SoloCommunicator>(device_);
}

void SoloCommunicator::copy(void* to, const void* from, std::size_t count, DType dtype,
                            device::Stream& stream) {
    if (to == from || count == 0) return;
    const std::size_t bytes = count * size_of(dtype);
    if (!group_) return device_.copy(to, from, bytes, stream);
    group_->operations.emplace_back(
        [this, to, from, bytes, &stream] { device_.copy(to, from, bytes, stream); });
}

}  // namespace warpstep::comm
