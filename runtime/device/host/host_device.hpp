// SPDX-License-Identifier: Apache-2.0
// The CPU cores of a task as a device: the real backend of GPU-less machines and the reference for
// CUDA.
#pragma once

#include <memory>

#include "runtime/device/device.hpp"
#include "runtime/device/host/cores.hpp"

namespace warpstep::device::host {

class HostDevice final : public Device {
  public:
    /// `cores` threads including the caller. Create it after binding: its threads inherit the
    /// affinity.
    explicit HostDevice(int cores);

    const Facts& facts() const override { return facts_; }
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

    const Cores& cores() const { return cores_; }

  private:
    Cores cores_;
    Facts facts_;
};

}  // namespace warpstep::device::host
