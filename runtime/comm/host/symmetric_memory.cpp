// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/host/symmetric_memory.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "runtime/base/error.hpp"

namespace warpstep::comm::host {

class SymmetricMemory::Buffer final : public device::Buffer {
  public:
    Buffer(std::shared_ptr<SymmetricMemory> memory, SharedSegment segment, std::int32_t allocation,
           std::size_t bytes)
        : memory_(std::move(memory)),
          segment_(std::move(segment)),
          allocation_(allocation),
          bytes_(bytes) {}
    ~Buffer() override {
        memory_->own_parts_.erase(part());
        memory_->allocations_.erase(allocation_);
    }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    void* data() const override { return part(); }
    std::size_t bytes() const override { return bytes_; }

    std::byte* part() const {
        return segment_.data() +
               static_cast<std::size_t>(memory_->local_rank_) * part_bytes(bytes_);
    }

  private:
    std::shared_ptr<SymmetricMemory> memory_;
    SharedSegment segment_;
    std::int32_t allocation_;
    std::size_t bytes_;
};

std::size_t SymmetricMemory::part_bytes(std::size_t bytes) {
    constexpr std::size_t page = 4096;
    return (std::max<std::size_t>(bytes, 1) + page - 1) / page * page;
}

std::unique_ptr<device::Buffer> SymmetricMemory::adopt(
    const std::shared_ptr<SymmetricMemory>& memory, SharedSegment segment, std::int32_t allocation,
    std::size_t bytes) {
    std::byte* data = segment.data();
    auto buffer = std::make_unique<Buffer>(memory, std::move(segment), allocation, bytes);
    memory->allocations_[allocation] = {data, part_bytes(bytes)};
    memory->own_parts_[buffer->part()] = allocation;
    return buffer;
}

SharedPlace SymmetricMemory::place_of(const void* data, std::size_t bytes) const {
    const auto* begin = static_cast<const std::byte*>(data);
    const auto after = own_parts_.upper_bound(begin);
    if (after == own_parts_.begin()) return {};
    const auto& [part, allocation] = *std::prev(after);
    const auto offset = static_cast<std::size_t>(begin - part);
    if (offset + bytes > allocations_.at(allocation).part) return {};
    return {allocation, offset};
}

std::byte* SymmetricMemory::address_of(const SharedPlace& place, int local_rank) const {
    if (place.allocation == 0) return nullptr;
    const auto found = allocations_.find(place.allocation);
    if (found == allocations_.end()) {
        throw LogicError("a peer uses a shared buffer in a collective that this rank has freed");
    }
    return found->second.data + static_cast<std::size_t>(local_rank) * found->second.part +
           place.offset;
}

}  // namespace warpstep::comm::host
