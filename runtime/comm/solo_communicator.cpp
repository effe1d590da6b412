// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/solo_communicator.hpp"

#include "runtime/base/error.hpp"

namespace warpstep::comm {

std::unique_ptr<device::Buffer> SoloCommunicator::allocate(std::size_t bytes) {
    return device_.allocate(bytes, device::Memory::device);
}

// Sum, average, minimum, maximum and product of one value are the value.
void SoloCommunicator::all_reduce(const void* send, void* recv, std::size_t count, DType dtype,
                                  ReduceOp, device::Stream& stream) {
    if (send != recv) device_.copy(recv, send, count * size_of(dtype), stream);
}

void SoloCommunicator::broadcast(void*, std::size_t, DType, int, device::Stream&) {}

void SoloCommunicator::all_gather(const void* send, void* recv, std::size_t count, DType dtype,
                                  device::Stream& stream) {
    if (send != recv) device_.copy(recv, send, count * size_of(dtype), stream);
}

void SoloCommunicator::barrier(device::Stream&) {}

void SoloCommunicator::wait(device::Stream& stream) {
    stream.synchronize();
}

void SoloCommunicator::reduce(const void*, void*, std::size_t, DType, ReduceOp, int,
                              device::Stream&) {
    fail<LogicError>("not built yet");
}

void SoloCommunicator::reduce_scatter(const void*, void*, std::size_t, DType, ReduceOp,
                                      device::Stream&) {
    fail<LogicError>("not built yet");
}

void SoloCommunicator::all_to_all(const void*, void*, std::size_t, DType, device::Stream&) {
    fail<LogicError>("not built yet");
}

void SoloCommunicator::gather(const void*, void*, std::size_t, DType, int, device::Stream&) {
    fail<LogicError>("not built yet");
}

void SoloCommunicator::scatter(const void*, void*, std::size_t, DType, int, device::Stream&) {
    fail<LogicError>("not built yet");
}

void SoloCommunicator::send(const void*, std::size_t, DType, int, device::Stream&) {
    fail<LogicError>("not built yet");
}

void SoloCommunicator::recv(void*, std::size_t, DType, int, device::Stream&) {
    fail<LogicError>("not built yet");
}

void SoloCommunicator::group(const std::function<void()>&) {
    fail<LogicError>("not built yet");
}

std::unique_ptr<Communicator> SoloCommunicator::split(int, int) {
    fail<LogicError>("not built yet");
}

}  // namespace warpstep::comm
