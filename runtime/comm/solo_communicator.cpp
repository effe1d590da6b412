// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/solo_communicator.hpp"

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

}  // namespace warpstep::comm
