// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/device/device.hpp"

namespace warpstep::device::cuda {

/// One GPU by its ordinal. The thread that opens it gets it as its current device, and launches
/// from that thread; the member functions may be called from any thread that has made it current.
class CudaDevice final : public Device {
  public:
    /// Creates the context. Errors: DeviceError.
    explicit CudaDevice(int ordinal);

    int ordinal() const { return ordinal_; }

    const Facts& facts() const override { return facts_; }
    void make_current() override;
    std::unique_ptr<Buffer> allocate(std::size_t bytes, Memory memory) override;
    std::unique_ptr<Stream> make_stream(bool high_priority) override;
    std::unique_ptr<Event> make_event() override;
    void copy(void* to, const void* from, std::size_t bytes, Stream& stream) override;
    MemoryInfo memory() const override;
    std::unique_ptr<Graph> capture(Stream& stream, const std::function<void()>& body) override;
    bool reaches(const Device& peer) const override;
    void enable_peer(const Device& peer) override;
    std::string share(const Buffer& buffer) override;
    std::unique_ptr<Buffer> open_shared(const std::string& handle, std::size_t bytes) override;
    Condition condition() const override;

  private:
    int ordinal_;
    Facts facts_;
};

}  // namespace warpstep::device::cuda
