// SPDX-License-Identifier: Apache-2.0
// Buffers in node-local shared memory: every rank of the node maps all parts of an allocation, so
// that a reduction reads and writes its peers' buffers in place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

#include "runtime/comm/host/node_area.hpp"
#include "runtime/comm/host/shared_segment.hpp"
#include "runtime/device/device.hpp"

namespace warpstep::comm::host {

class SymmetricMemory {
  public:
    explicit SymmetricMemory(int local_rank) : local_rank_(local_rank) {}

    /// Bytes of one rank's part of an allocation.
    static std::size_t part_bytes(std::size_t bytes);

    /// Takes over a segment of local_size parts. The allocation is forgotten when the buffer is
    /// destroyed; the buffer may outlive the communicator.
    static std::unique_ptr<device::Buffer> adopt(const std::shared_ptr<SymmetricMemory>& memory,
                                                 SharedSegment segment, std::int32_t allocation,
                                                 std::size_t bytes);

    /// Where `data` lies, if all of [data, data + bytes) is in this rank's part of one allocation;
    /// else private.
    SharedPlace place_of(const void* data, std::size_t bytes) const;
    /// Where this rank has mapped a peer's place, nullptr for private memory.
    /// Errors: LogicError when this rank has freed that allocation.
    std::byte* address_of(const SharedPlace& place, int local_rank) const;

  private:
    class Buffer;
    struct Allocation {
        std::byte* data;
        std::size_t part;
    };

    int local_rank_;
    std::map<std::int32_t, Allocation> allocations_;
    std::map<const std::byte*, std::int32_t> own_parts_;  ///< by where this rank's part begins
};

}  // namespace warpstep::comm::host
