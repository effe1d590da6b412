// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

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
    /// Collective. `device` and `channel` outlive it. Errors: CommError, PeerFailure.
    NcclCommunicator(device::cuda::CudaDevice& device, int rank, int size,
                     const std::string& unique_id, const ControlChannel& channel,
                     Deadline deadline);
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
    template <typename Ready>
    void wait_until(Ready&& ready, const char* what, Deadline deadline);
    void settle(const char* what);
    std::optional<Failure> failure_told_soon() const;

    const NcclLibrary& library_;
    device::cuda::CudaDevice& device_;
    int rank_, size_;
    const ControlChannel& channel_;
    int exceptions_;  ///< on their way when this was made
    std::shared_ptr<NcclComm> comm_;
    std::unique_ptr<device::Buffer> token_;  ///< what a barrier reduces
};

}  // namespace warpstep::comm::nccl
