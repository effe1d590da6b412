// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/nccl/nccl_communicator.hpp"

#include <cuda_runtime_api.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <exception>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/comm/nccl/check.hpp"
#include "runtime/comm/nccl/nccl_buffer.hpp"
#include "runtime/comm/nccl/pause.hpp"
#include "runtime/device/cuda/current_device.hpp"

namespace warpstep::comm::nccl {
namespace {

using device::cuda::CurrentDevice;
using std::chrono::milliseconds;

// How long a stream may take with all peers alive and NCCL content. Work is queued at most about a
// thousand launches ahead, so this bounds those, not the whole run.
constexpr std::chrono::minutes longest_wait{30};
constexpr std::chrono::seconds longest_finish{10};

// An abort returns when all ranks of the node abort. After the failure of a peer they all know;
// after our own they are told only when the exception has left this room, so waiting for them first
// would be waiting for nothing.
constexpr milliseconds patience_when_all_know{10'000};
constexpr milliseconds patience_when_nobody_knows{500};

ncclDataType_t type_of(DType dtype) {
    switch (dtype) {
        case DType::f32:
            return ncclFloat32;
        case DType::f64:
            return ncclFloat64;
        case DType::i32:
            return ncclInt32;
        case DType::i64:
            return ncclInt64;
        case DType::u8:
            return ncclUint8;
        case DType::f16:
            return ncclFloat16;
        case DType::bf16:
            return ncclBfloat16;
        case DType::f8e4m3:
            return ncclFloat8e4m3;
    }
    fail<LogicError>("no NCCL type for dtype {}", static_cast<int>(dtype));
}

ncclRedOp_t op_of(ReduceOp op) {
    switch (op) {
        case ReduceOp::sum:
            return ncclSum;
        case ReduceOp::avg:
            return ncclAvg;
        case ReduceOp::min:
            return ncclMin;
        case ReduceOp::max:
            return ncclMax;
        case ReduceOp::prod:
            return ncclProd;
    }
    fail<LogicError>("no NCCL operation for reduction {}", static_cast<int>(op));
}

ncclUniqueId id_of(const std::string& bytes) {
    ncclUniqueId id{};
    if (bytes.size() != sizeof id) fail<LogicError>("an NCCL unique id has {} bytes", bytes.size());
    std::memcpy(&id, bytes.data(), sizeof id);
    return id;
}

cudaStream_t native(device::Stream& stream) {
    return static_cast<cudaStream_t>(stream.native());
}

}  // namespace

NcclCommunicator::NcclCommunicator(device::cuda::CudaDevice& device, int rank, int size,
                                   const std::string& unique_id, const ControlChannel& channel,
                                   Deadline deadline)
    : library_(nccl_library()),
      device_(device),
      rank_(rank),
      size_(size),
      channel_(channel),
      exceptions_(std::uncaught_exceptions()) {
    const CurrentDevice current(device_.ordinal());
    comm_ = std::make_shared<NcclComm>(library_, rank, size, id_of(unique_id));
    wait_until([&] { return comm_->settled(); }, "the initialization", deadline);
    token_ = device_.allocate(sizeof(std::int32_t), device::Memory::device);
}

NcclCommunicator::~NcclCommunicator() {
    const bool orderly = std::uncaught_exceptions() == exceptions_ && !channel_.failure();
    if (!orderly) {
        comm_->abort(patience_when_nobody_knows);
    } else if (!comm_->finish(Deadline::in(longest_finish))) {
        log::warn("nccl: not all ranks have ended the communicator within 10 s; aborted it here");
    }
}

std::string NcclCommunicator::backend() const {
    return "nccl " + library_.version;
}

std::unique_ptr<device::Buffer> NcclCommunicator::allocate(std::size_t bytes) {
    // An NCCL without an allocator of its own takes any device memory.
    if (bytes == 0 || library_.mem_alloc == nullptr || library_.mem_free == nullptr) {
        return device_.allocate(bytes, device::Memory::device);
    }
    const CurrentDevice current(device_.ordinal());
    auto buffer = std::make_unique<NcclBuffer>(comm_, bytes);
    settle("a registration");
    return buffer;
}

void NcclCommunicator::all_reduce(const void* send, void* recv, std::size_t count, DType dtype,
                                  ReduceOp op, device::Stream& stream) {
    if (count == 0) return;
    WARPSTEP_NCCL_CHECK(library_, comm_->get(),
                        library_.all_reduce(send, recv, count, type_of(dtype), op_of(op),
                                            comm_->get(), native(stream)));
    settle("an all-reduce");
}

void NcclCommunicator::broadcast(void* buffer, std::size_t count, DType dtype, int root,
                                 device::Stream& stream) {
    if (count == 0) return;
    WARPSTEP_NCCL_CHECK(library_, comm_->get(),
                        library_.broadcast(buffer, buffer, count, type_of(dtype), root,
                                           comm_->get(), native(stream)));
    settle("a broadcast");
}

void NcclCommunicator::all_gather(const void* send, void* recv, std::size_t count, DType dtype,
                                  device::Stream& stream) {
    if (count == 0) return;
    WARPSTEP_NCCL_CHECK(
        library_, comm_->get(),
        library_.all_gather(send, recv, count, type_of(dtype), comm_->get(), native(stream)));
    settle("an all-gather");
}

void NcclCommunicator::barrier(device::Stream& stream) {
    all_reduce(token_->data(), token_->data(), 1, DType::i32, ReduceOp::sum, stream);
}

void NcclCommunicator::wait(device::Stream& stream) {
    wait_until(
        [&] {
            // NCCL's state comes second: a stream that is done needs no opinion of NCCL.
            if (stream.done()) return true;
            comm_->settled();
            return false;
        },
        "the stream", Deadline::in(longest_wait));
}

// A non-blocking communicator launches from a thread of its own. Until that has happened, the
// stream does not hold the operation, and an event recorded now would come too early.
void NcclCommunicator::settle(const char* what) {
    wait_until([&] { return comm_->settled(); }, what, Deadline::in(longest_wait));
}

template <typename Ready>
void NcclCommunicator::wait_until(Ready&& ready, const char* what, Deadline deadline) {
    try {
        for (Pause pause; !ready(); pause()) {
            channel_.check();
            if (!deadline.passed()) continue;
            fail<CommError>(
                "nccl {}: {} did not end in time on rank {} of {} (a rank that never came, or a "
                "network "
                "interface that does not reach it); see NCCL_SOCKET_IFNAME, or NCCL_DEBUG=INFO",
                library_.version, what, rank_, size_);
        }
    } catch (const PeerFailure&) {
        comm_->abort(patience_when_all_know);
        throw;
    } catch (const CommError&) {
        const auto failure = failure_told_soon();
        comm_->abort(failure ? patience_when_all_know : patience_when_nobody_knows);
        if (failure) throw PeerFailure(*failure);
        throw;
    } catch (...) {
        comm_->abort(patience_when_nobody_knows);
        throw;
    }
}

// NCCL often sees a broken connection before the channel has told whose failure broke it. That
// rank's own words say more.
std::optional<Failure> NcclCommunicator::failure_told_soon() const {
    const Deadline deadline = Deadline::in(milliseconds(size_ == 1 ? 0 : 1000));
    auto failure = channel_.failure();
    for (Pause pause; !failure && !deadline.passed(); pause()) failure = channel_.failure();
    return failure;
}

void NcclCommunicator::reduce(const void*, void*, std::size_t, DType, ReduceOp, int,
                              device::Stream&) {
    fail<LogicError>("not built yet");
}

void NcclCommunicator::reduce_scatter(const void*, void*, std::size_t, DType, ReduceOp,
                                      device::Stream&) {
    fail<LogicError>("not built yet");
}

void NcclCommunicator::all_to_all(const void*, void*, std::size_t, DType, device::Stream&) {
    fail<LogicError>("not built yet");
}

void NcclCommunicator::gather(const void*, void*, std::size_t, DType, int, device::Stream&) {
    fail<LogicError>("not built yet");
}

void NcclCommunicator::scatter(const void*, void*, std::size_t, DType, int, device::Stream&) {
    fail<LogicError>("not built yet");
}

void NcclCommunicator::send(const void*, std::size_t, DType, int, device::Stream&) {
    fail<LogicError>("not built yet");
}

void NcclCommunicator::recv(void*, std::size_t, DType, int, device::Stream&) {
    fail<LogicError>("not built yet");
}

void NcclCommunicator::group(const std::function<void()>&) {
    fail<LogicError>("not built yet");
}

std::unique_ptr<Communicator> NcclCommunicator::split(int, int) {
    fail<LogicError>("not built yet");
}

}  // namespace warpstep::comm::nccl
