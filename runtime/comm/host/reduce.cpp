// SPDX-License-Identifier: Apache-2.0
// The all-reduce whose result goes to one rank only.
#include "runtime/comm/host/host_communicator.hpp"
#include "runtime/comm/host/reduction.hpp"

namespace warpstep::comm::host {

void HostCommunicator::reduce(const void* send, void* recv, std::size_t count, DType dtype,
                              ReduceOp op, int root, device::Stream& stream) {
    if (deferred([=, this, &stream] { reduce(send, recv, count, dtype, op, root, stream); })) {
        return;
    }
    reduce_to({static_cast<const std::byte*>(send), static_cast<std::byte*>(recv), count, dtype, op,
               root});
}

}  // namespace warpstep::comm::host
