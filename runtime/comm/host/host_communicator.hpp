// SPDX-License-Identifier: Apache-2.0
// The communicator of the host device: shared memory inside a node, Gloo between the nodes'
// leaders.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/deadline.hpp"
#include "runtime/comm/communicator.hpp"
#include "runtime/comm/control_channel.hpp"
#include "runtime/comm/exchange.hpp"
#include "runtime/comm/host/leaders.hpp"
#include "runtime/comm/host/messenger.hpp"
#include "runtime/comm/host/node_area.hpp"
#include "runtime/comm/host/node_barrier.hpp"
#include "runtime/comm/host/symmetric_memory.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::comm::host {

struct Slice;

/// Collective. `shared_memory_token` is one random word per step and node, the same on all ranks of
/// the node; `my_address` is where this node listens for the others. The channel must outlive the
/// communicator. Destroying it is collective too: the leaders leave together, unless there was a
/// failure. Errors: EnvironmentError when shared memory is refused; CommError; PeerFailure.
std::unique_ptr<Communicator> connect_host(const step::Step& step, ControlChannel& channel,
                                           const std::string& shared_memory_token,
                                           const std::string& my_address, Deadline setup,
                                           std::chrono::milliseconds operation_timeout);

/// The ranks that people know, of the ranks of this node.
std::vector<int> known_ranks_here(const step::Step& step);

class HostCommunicator final : public Communicator {
  public:
    /// `remote` is there when the step has several nodes.
    HostCommunicator(const step::Step& step, const ControlChannel& channel, NodeArea area,
                     std::optional<RemoteLanes> remote, const std::string& token,
                     std::chrono::milliseconds operation_timeout);
    /// Collective over the node, once: all have attached to the area.
    void meet(Deadline setup);
    /// Collective over the ranks of `exchange`, when the step has several nodes.
    void join_leaders(Exchange& exchange, const std::string& my_address, Deadline setup);

    int rank() const override { return step_.rank; }
    int size() const override { return step_.size; }
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
    /// The reach of one operation: where every local rank's memory can be read or written by all,
    /// nullptr where not.
    struct Reach {
        std::vector<std::byte*> send, recv;
        bool all_send = true, all_recv = true;
    };
    struct Reduction;
    /// What waits for the end of a group.
    struct Group {
        std::vector<Transfer> transfers;
        std::vector<std::function<void()>> operations;
    };

    int here() const { return step_.local_rank; }
    int local_size() const { return step_.local_size; }
    bool one_node() const { return step_.nodes() == 1; }
    bool is_leader() const { return step_.local_rank == 0; }
    /// Global rank of a local one, and the other way round for a rank of this node.
    int global_rank(int node, int local_rank) const;
    int local_rank_of(int node, int rank) const;
    Deadline deadline() const { return Deadline::in(operation_timeout_); }
    int next_parity() { return parity_ ^= 1; }

    void announce(const void* send, void* recv, std::size_t send_bytes, std::size_t recv_bytes);
    /// Of the announcements; valid until the next call.
    const Reach& reach();
    /// True when a group is open: `operation` then runs at its end.
    template <typename Operation>
    bool deferred(Operation&& operation) {
        if (!group_) return false;
        group_->operations.emplace_back(std::forward<Operation>(operation));
        return true;
    }
    void transfer(Transfer transfer);
    void run_transfers(const std::vector<Transfer>& transfers);
    /// When all ranks of the node can read what all (or `root` alone) announce as `send`: runs
    /// `copy` with it. False, and nothing done, when not. Collective over a step of one node.
    bool move_directly(const void* send, std::size_t bytes, std::optional<int> root,
                       const std::function<void(const Reach&)>& copy);

    void reduce_to(const Reduction& reduction);
    void reduce_short(const Reduction& reduction, Deadline deadline);
    void reduce_between_nodes(const Reduction& reduction, std::byte* sum);
    void reduce_long(const Reduction& reduction, Deadline deadline);
    bool takers_reached(const Reduction& reduction, const Reach& reach) const;
    void reduce_slice(const Reduction& reduction, const Reach& reach, std::size_t begin,
                      std::size_t count);
    void reduce_in_blocks(const Reduction& reduction, Slice slice, int divisor, bool around);
    void scatter_in_node(const Reduction& reduction, Deadline deadline);
    void scatter_between_nodes(const Reduction& reduction, Deadline deadline);
    void broadcast_short(void* buffer, std::size_t bytes, int root, Deadline deadline);
    void broadcast_in_node(std::byte* buffer, std::size_t bytes, int root, Deadline deadline);
    void broadcast_between_nodes(std::byte* buffer, std::size_t bytes, int root, Deadline deadline);
    void gather_short(const void* send, std::byte* recv, std::size_t bytes, Deadline deadline);
    void gather_in_node(const std::byte* send, std::byte* recv, std::size_t bytes,
                        Deadline deadline);
    void gather_between_nodes(const std::byte* send, std::byte* recv, std::size_t bytes,
                              Deadline deadline);

    step::Step step_;
    const ControlChannel& channel_;
    NodeArea area_;
    std::string token_;
    std::chrono::milliseconds operation_timeout_;
    NodeBarrier barrier_;
    std::shared_ptr<SymmetricMemory> symmetric_;
    std::unique_ptr<Leaders> leaders_;  ///< of a step over several nodes, on local rank 0
    Messenger messenger_;
    std::string my_address_;  ///< for the other nodes; "" on one node
    std::optional<Group> group_;
    std::vector<const std::byte*> sources_;  ///< of the reduction that runs
    std::vector<std::byte*> targets_;
    Reach reach_;
    std::int32_t allocations_ = 0;
    int splits_ = 0;
    int parity_ = 0;
};

}  // namespace warpstep::comm::host
