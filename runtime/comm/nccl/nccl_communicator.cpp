// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/nccl/nccl_communicator.hpp"

#include <cuda_runtime_api.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/comm/nccl/check.hpp"
#include "runtime/comm/nccl/nccl_buffer.hpp"
#include "runtime/comm/nccl/nccl_group.hpp"
#include "runtime/comm/nccl/pause.hpp"
#include "runtime/device/cuda/current_device.hpp"
#include "runtime/step/stop_signal.hpp"

namespace warpstep::comm::nccl {
namespace {

using device::cuda::CurrentDevice;
using std::chrono::milliseconds;

constexpr std::chrono::seconds longest_finish{10};

// An abort returns when all ranks of the node abort. After the failure of a peer they all know;
// after our own they are told only when the exception has left this room, so waiting for them first
// would be waiting for nothing.
constexpr milliseconds patience_when_all_know{10'000};
constexpr milliseconds patience_when_nobody_knows{500};

}  // namespace

NcclCommunicator::NcclCommunicator(device::cuda::CudaDevice& device, std::shared_ptr<NcclComm> comm,
                                   int rank, int size, const ControlChannel& channel,
                                   milliseconds operation_timeout)
    : library_(comm->library()),
      device_(device),
      rank_(rank),
      size_(size),
      channel_(channel),
      operation_timeout_(operation_timeout),
      exceptions_(std::uncaught_exceptions()),
      comm_(std::move(comm)),
      task_({comm_}) {}

void NcclCommunicator::complete_start(Deadline deadline) {
    const CurrentDevice current(device_.ordinal());
    wait_until([&] { return comm_->settled(); }, "the initialization", deadline);
    token_ = device_.allocate(sizeof(std::int32_t), device::Memory::device);
}

NcclCommunicator::~NcclCommunicator() {
    const bool orderly = std::uncaught_exceptions() == exceptions_ && !channel_.failure();
    if (!orderly) {
        comm_->abort(patience_when_nobody_knows);
    } else if (!NcclComm::finish(task_, Deadline::in(longest_finish))) {
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
    if (NcclGroup::open() != nullptr) fail<LogicError>("memory cannot be allocated inside a group");
    auto buffer = std::make_unique<NcclBuffer>(comm_, bytes);
    buffer->open_window();
    settle("a window");
    if (!buffer->has_window()) {
        buffer->register_memory();
        settle("a registration");
    }
    return buffer;
}

void NcclCommunicator::group(const std::function<void()>& body) {
    if (NcclGroup::open() != nullptr) return body();
    NcclGroup group(library_);
    group.add(*this);
    body();
    guarded([&] { check(group.end(), "a group"); });
    for (NcclCommunicator* member : group.members()) member->settle("a group");
}

std::unique_ptr<Communicator> NcclCommunicator::split(int color, int key) {
    if (NcclGroup::open() != nullptr) {
        fail<LogicError>("a communicator cannot be split inside a group");
    }
    const CurrentDevice current(device_.ordinal());
    const auto deadline = Deadline::in(operation_timeout_);
    std::shared_ptr<NcclComm> comm;
    guarded([&] { comm = NcclComm::split(*comm_, color, key); });
    wait_until([&] { return comm_->settled(); }, "a split", deadline);
    if (color < 0) return nullptr;
    auto child = std::make_unique<NcclCommunicator>(device_, comm, rank_, size_, channel_,
                                                    operation_timeout_);
    child->complete_start(deadline);
    check(library_.comm_count(comm->get(), &child->size_), "ncclCommCount");
    check(library_.comm_user_rank(comm->get(), &child->rank_), "ncclCommUserRank");
    return child;
}

void NcclCommunicator::wait(device::Stream& stream) {
    wait_until(
        [&] {
            // NCCL's state comes second: a stream that is done needs no opinion of NCCL.
            if (stream.done()) return true;
            comm_->check();
            return false;
        },
        "the stream", Deadline::in(operation_timeout_));
}

template <typename Ready>
void NcclCommunicator::wait_until(Ready&& ready, const char* what, Deadline deadline) {
    const auto poll = [&] {
        for (Pause pause; !ready(); pause()) {
            channel_.check();
            if (step::stop_requested()) {
                fail<EnvironmentError>(
                    "stopped by a signal while waiting for {} (time limit, scancel or a failed "
                    "peer); see srun's own line",
                    what);
            }
            if (!deadline.passed()) continue;
            fail<CommError>(
                "nccl {}: {} did not end in time on rank {} of {} (a rank that never came, or a "
                "network interface that does not reach it); see NCCL_SOCKET_IFNAME, or "
                "NCCL_DEBUG=INFO",
                library_.version, what, rank_, size_);
        }
    };
    guarded(std::cref(poll));
}

// A non-blocking communicator launches from a thread of its own. Until that has happened, the
// stream does not hold the operation, and an event recorded now would come too early. The stream
// itself is left alone: it may be in a capture.
void NcclCommunicator::settle(const char* what) {
    if (NcclGroup* group = NcclGroup::open()) return group->add(*this);
    wait_until([&] { return comm_->settled(); }, what, Deadline::in(operation_timeout_));
}

void NcclCommunicator::check(ncclResult_t code, const char* what) const {
    if (code == ncclSuccess || code == ncclInProgress) return;
    fail<CommError>("nccl {}: {} failed on rank {} of {}: {}; NCCL_DEBUG=WARN tells more",
                    library_.version, what, rank_, size_,
                    describe(library_, code, comm_->alive() ? comm_->get() : nullptr));
}

void NcclCommunicator::guarded(const std::function<void()>& body) {
    try {
        body();
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

}  // namespace warpstep::comm::nccl
