// SPDX-License-Identifier: Apache-2.0
// What is issued on a stream. Nothing here waits for the stream, so all of it can be captured.
#include "runtime/comm/nccl/nccl_communicator.hpp"
#include "runtime/comm/nccl/nccl_group.hpp"
#include "runtime/comm/nccl/nccl_types.hpp"

namespace warpstep::comm::nccl {
namespace {

cudaStream_t native(device::Stream& stream) {
    return static_cast<cudaStream_t>(stream.native());
}

}  // namespace

void NcclCommunicator::all_reduce(const void* send, void* recv, std::size_t count, DType dtype,
                                  ReduceOp op, device::Stream& stream) {
    if (count == 0) return;
    const auto type = type_of(library_, dtype);
    issue("all_reduce", [&] {
        return library_.all_reduce(send, recv, count, type, op_of(op), comm_->get(),
                                   native(stream));
    });
}

void NcclCommunicator::broadcast(void* buffer, std::size_t count, DType dtype, int root,
                                 device::Stream& stream) {
    if (count == 0) return;
    const auto type = type_of(library_, dtype);
    issue("broadcast", [&] {
        return library_.broadcast(buffer, buffer, count, type, root, comm_->get(), native(stream));
    });
}

void NcclCommunicator::all_gather(const void* send, void* recv, std::size_t count, DType dtype,
                                  device::Stream& stream) {
    if (count == 0) return;
    const auto type = type_of(library_, dtype);
    issue("all_gather", [&] {
        return library_.all_gather(send, recv, count, type, comm_->get(), native(stream));
    });
}

void NcclCommunicator::reduce(const void* send, void* recv, std::size_t count, DType dtype,
                              ReduceOp op, int root, device::Stream& stream) {
    if (count == 0) return;
    const auto type = type_of(library_, dtype);
    issue("reduce", [&] {
        return library_.reduce(send, recv, count, type, op_of(op), root, comm_->get(),
                               native(stream));
    });
}

void NcclCommunicator::reduce_scatter(const void* send, void* recv, std::size_t count, DType dtype,
                                      ReduceOp op, device::Stream& stream) {
    if (count == 0) return;
    const auto type = type_of(library_, dtype);
    issue("reduce_scatter", [&] {
        return library_.reduce_scatter(send, recv, count, type, op_of(op), comm_->get(),
                                       native(stream));
    });
}

void NcclCommunicator::send(const void* send, std::size_t count, DType dtype, int peer,
                            device::Stream& stream) {
    if (count == 0) return;
    const auto type = type_of(library_, dtype);
    issue("send",
          [&] { return library_.send(send, count, type, peer, comm_->get(), native(stream)); });
}

void NcclCommunicator::recv(void* recv, std::size_t count, DType dtype, int peer,
                            device::Stream& stream) {
    if (count == 0) return;
    const auto type = type_of(library_, dtype);
    issue("recv",
          [&] { return library_.recv(recv, count, type, peer, comm_->get(), native(stream)); });
}

void NcclCommunicator::all_to_all(const void* send, void* recv, std::size_t count, DType dtype,
                                  device::Stream& stream) {
    if (count == 0) return;
    const auto type = type_of(library_, dtype);
    if (library_.all_to_all != nullptr) {
        return issue("all_to_all", [&] {
            return library_.all_to_all(send, recv, count, type, comm_->get(), native(stream));
        });
    }
    const std::size_t part = count * size_of(dtype);
    as_messages([&] {
        for (int peer = 0; peer < size_; ++peer) {
            const std::size_t at = static_cast<std::size_t>(peer) * part;
            this->send(static_cast<const std::byte*>(send) + at, count, dtype, peer, stream);
            this->recv(static_cast<std::byte*>(recv) + at, count, dtype, peer, stream);
        }
    });
}

void NcclCommunicator::gather(const void* send, void* recv, std::size_t count, DType dtype,
                              int root, device::Stream& stream) {
    if (count == 0) return;
    const auto type = type_of(library_, dtype);
    if (library_.gather != nullptr) {
        return issue("gather", [&] {
            return library_.gather(send, recv, count, type, root, comm_->get(), native(stream));
        });
    }
    const std::size_t part = count * size_of(dtype);
    as_messages([&] {
        this->send(send, count, dtype, root, stream);
        for (int peer = 0; rank_ == root && peer < size_; ++peer) {
            const std::size_t at = static_cast<std::size_t>(peer) * part;
            this->recv(static_cast<std::byte*>(recv) + at, count, dtype, peer, stream);
        }
    });
}

void NcclCommunicator::scatter(const void* send, void* recv, std::size_t count, DType dtype,
                               int root, device::Stream& stream) {
    if (count == 0) return;
    const auto type = type_of(library_, dtype);
    if (library_.scatter != nullptr) {
        return issue("scatter", [&] {
            return library_.scatter(send, recv, count, type, root, comm_->get(), native(stream));
        });
    }
    const std::size_t part = count * size_of(dtype);
    as_messages([&] {
        this->recv(recv, count, dtype, root, stream);
        for (int peer = 0; rank_ == root && peer < size_; ++peer) {
            const std::size_t at = static_cast<std::size_t>(peer) * part;
            this->send(static_cast<const std::byte*>(send) + at, count, dtype, peer, stream);
        }
    });
}

void NcclCommunicator::barrier(device::Stream& stream) {
    all_reduce(token_->data(), token_->data(), 1, DType::i32, ReduceOp::sum, stream);
}

// An operation that is made of messages is one group, or part of the one that is open.
void NcclCommunicator::as_messages(const std::function<void()>& body) {
    if (NcclGroup::open() != nullptr) return body();
    group(body);
}

}  // namespace warpstep::comm::nccl
