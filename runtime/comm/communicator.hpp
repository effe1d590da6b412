// SPDX-License-Identifier: Apache-2.0
// Collectives between the devices of a step. Implementations: comm/host (shared memory inside a
// node, Gloo between nodes) and comm/nccl (in the CUDA module).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "runtime/base/dtype.hpp"
#include "runtime/device/device.hpp"

namespace warpstep::comm {

enum class ReduceOp { sum, avg, min, max, prod };

/// Every operation is collective (all ranks, same order, same count, dtype and root) and ordered on
/// `stream`; on the host it is done when the call returns. Errors: CommError for a failed peer or a
/// passed deadline.
class Communicator {
  public:
    virtual ~Communicator() = default;
    virtual int rank() const = 0;
    virtual int size() const = 0;
    /// "nccl 2.28.9", "shared memory", "gloo", "shared memory + gloo": for the report.
    virtual std::string backend() const = 0;

    /// Memory that collectives on this communicator reach fastest (node-local shared memory on the
    /// host, NCCL's own allocator on CUDA). Collective: same order and same bytes on every rank.
    virtual std::unique_ptr<device::Buffer> allocate(std::size_t bytes) = 0;

    /// Shape: count elements each; send == recv is in place. The result is bitwise equal on all
    /// ranks.
    virtual void all_reduce(const void* send, void* recv, std::size_t count, DType dtype,
                            ReduceOp op, device::Stream& stream) = 0;
    virtual void broadcast(void* buffer, std::size_t count, DType dtype, int root,
                           device::Stream& stream) = 0;
    /// Shape: send has count elements, recv size()*count in rank order.
    virtual void all_gather(const void* send, void* recv, std::size_t count, DType dtype,
                            device::Stream& stream) = 0;
    /// Shape: as all_reduce; only the root's recv is written, the others may pass nullptr.
    virtual void reduce(const void* send, void* recv, std::size_t count, DType dtype, ReduceOp op,
                        int root, device::Stream& stream) = 0;
    /// Shape: send has size()*count elements, recv count: the part of this rank of the reduction.
    virtual void reduce_scatter(const void* send, void* recv, std::size_t count, DType dtype,
                                ReduceOp op, device::Stream& stream) = 0;
    /// Shape: send and recv have size()*count elements; part p of send becomes part rank() of rank
    /// p's recv. Not in place.
    virtual void all_to_all(const void* send, void* recv, std::size_t count, DType dtype,
                            device::Stream& stream) = 0;
    /// Shape: send has count elements, the root's recv size()*count in rank order; the others may
    /// pass nullptr.
    virtual void gather(const void* send, void* recv, std::size_t count, DType dtype, int root,
                        device::Stream& stream) = 0;
    /// Shape: the root's send has size()*count elements, recv count; the others may pass nullptr as
    /// send.
    virtual void scatter(const void* send, void* recv, std::size_t count, DType dtype, int root,
                         device::Stream& stream) = 0;
    /// Point to point; not collective, but every send needs the receive of its peer with the same
    /// count and type, in the same order between two ranks. A rank may send to itself inside a
    /// group.
    virtual void send(const void* send, std::size_t count, DType dtype, int peer,
                      device::Stream& stream) = 0;
    virtual void recv(void* recv, std::size_t count, DType dtype, int peer,
                      device::Stream& stream) = 0;
    /// What `body` calls becomes one operation: sends and receives inside do not wait for one
    /// another, and nothing is done before the group ends. Collective operations may stand in it,
    /// split() and allocate() may not. Groups of host communicators do not nest; on GPUs an inner
    /// group is a part of the outer one.
    virtual void group(const std::function<void()>& body) = 0;
    virtual void barrier(device::Stream& stream) = 0;
    /// Collective. The ranks with one `color` get a communicator of their own, in the order of
    /// `key`, then of rank; nullptr for a negative color. It must be destroyed before this one.
    virtual std::unique_ptr<Communicator> split(int color, int key) = 0;

    /// Blocks until `stream` has finished, watching for failed peers and the deadline of the step
    /// meanwhile.
    virtual void wait(device::Stream& stream) = 0;
};

}  // namespace warpstep::comm
