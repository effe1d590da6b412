// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/deadline.hpp"
#include "runtime/comm/communicator.hpp"
#include "runtime/comm/control_channel.hpp"
#include "runtime/comm/nccl/nccl_comm.hpp"
#include "runtime/device/cuda/cuda_device.hpp"

namespace warpstep::comm::nccl {

/// Collectives between GPUs. NCCL notices neither a dead peer of the same node nor a rank that
/// never comes, so every wait here looks at three things: NCCL's asynchronous state, the control
/// channel, and a deadline. A failed wait aborts the communicator, which also ends its kernels on
/// the device. Used from one thread.
class NcclCommunicator final : public Communicator {
  public:
    /// Takes part in a communicator whose start is under way. `device` and `channel` outlive it.
    NcclCommunicator(device::cuda::CudaDevice& device, std::shared_ptr<NcclComm> comm, int rank,
                     int size, const ControlChannel& channel,
                     std::chrono::milliseconds operation_timeout);
    /// Collective: waits for the end of the start. Errors: CommError, PeerFailure.
    void complete_start(Deadline deadline);
    /// The communicators of all devices of this task, this one included: they end together.
    void belong_to(std::vector<std::shared_ptr<NcclComm>> task) { task_ = std::move(task); }
    const std::shared_ptr<NcclComm>& comm() const { return comm_; }
    /// Collective and bounded, unless a peer has failed or an exception is on its way: then it
    /// aborts.
    ~NcclCommunicator() override;
    NcclCommunicator(const NcclCommunicator&) = delete;
    NcclCommunicator& operator=(const NcclCommunicator&) = delete;

    int rank() const override { return rank_; }
    int size() const override { return size_; }
    std::string backend() const override;
    std::unique_ptr<device::Buffer> allocate(std::size_t bytes) override;
    void all_reduce(const void* send, void* recv, std::size_t count, DType dtype, ReduceOp op,
                    device::Stream& stream) override;
    void broadcast(void* buffer, std::size_t count, DType dtype, int root,
                   device::Stream& stream) override;
    void all_gather(const void* send, void* recv, std::size_t count, DType dtype,
                    device::Stream& stream) override;
    void reduce(const void* send, void* recv, std::size_t count, DType dtype, ReduceOp op, int root,
                device::Stream& stream) override;
    void reduce_scatter(const void* send, void* recv, std::size_t count, DType dtype, ReduceOp op,
                        device::Stream& stream) override;
    void all_to_all(const void* send, void* recv, std::size_t count, DType dtype,
                    device::Stream& stream) override;
    void gather(const void* send, void* recv, std::size_t count, DType dtype, int root,
                device::Stream& stream) override;
    void scatter(const void* send, void* recv, std::size_t count, DType dtype, int root,
                 device::Stream& stream) override;
    void send(const void* send, std::size_t count, DType dtype, int peer,
              device::Stream& stream) override;
    void recv(void* recv, std::size_t count, DType dtype, int peer,
              device::Stream& stream) override;
    void group(const std::function<void()>& body) override;
    void barrier(device::Stream& stream) override;
    std::unique_ptr<Communicator> split(int color, int key) override;
    void wait(device::Stream& stream) override;

  private:
    /// Runs a call of NCCL and, outside of groups, waits until it is launched.
    template <typename Call>
    void issue(const char* what, const Call& call) {
        const auto body = [&] { check(call(), what); };
        guarded(std::cref(body));
        settle(what);
    }
    void as_messages(const std::function<void()>& body);
    /// Aborts the communicator when `body` throws; what a peer says about its own failure takes the
    /// place of what NCCL says about it.
    void guarded(const std::function<void()>& body);
    /// Errors: CommError.
    void check(ncclResult_t code, const char* what) const;
    template <typename Ready>
    void wait_until(Ready&& ready, const char* what, Deadline deadline);
    void settle(const char* what);
    std::optional<Failure> failure_told_soon() const;

    const NcclLibrary& library_;
    device::cuda::CudaDevice& device_;
    int rank_, size_;
    const ControlChannel& channel_;
    std::chrono::milliseconds operation_timeout_;
    int exceptions_;  ///< on their way when this was made
    std::shared_ptr<NcclComm> comm_;
    std::vector<std::shared_ptr<NcclComm>> task_;
    std::unique_ptr<device::Buffer> token_;  ///< what a barrier reduces
};

}  // namespace warpstep::comm::nccl
