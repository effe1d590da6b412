// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "runtime/comm/communicator.hpp"

namespace warpstep::comm {

/// The communicator of a step of one rank on any device: what would cross to peers is a copy, or
/// nothing. Needs neither NCCL nor shared memory. Borrows the device. Local; never waits for
/// anybody but the stream.
class SoloCommunicator final : public Communicator {
  public:
    explicit SoloCommunicator(device::Device& device) : device_(device) {}

    int rank() const override { return 0; }
    int size() const override { return 1; }
    std::string backend() const override { return "none"; }
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
    struct Message {
        const void* from;
        void* to;
        std::size_t bytes;
        device::Stream* stream;
    };
    /// What waits for the end of a group.
    struct Group {
        std::vector<Message> sent, received;
        std::vector<std::function<void()>> operations;
    };
    void copy(void* to, const void* from, std::size_t count, DType dtype, device::Stream& stream);
    void pass(const Message& sent, const Message& received);
    void follow(device::Stream& stream, device::Stream& other);
    [[noreturn]] static void fail_outside_group();

    device::Device& device_;
    std::optional<Group> group_;
};

}  // namespace warpstep::comm
