// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "runtime/device/device.hpp"

namespace warpstep::test {

/// A stream whose work is always done.
class FakeStream final : public device::Stream {
  public:
    void synchronize() override { ++synchronized; }
    bool done() override { return true; }
    void wait(const device::Event&) override {}
    void* native() const override { return nullptr; }
    int synchronized = 0;
};

/// Private memory: no other rank can reach it.
class FakeBuffer final : public device::Buffer {
  public:
    explicit FakeBuffer(std::size_t bytes) : memory_(bytes) {}
    void* data() const override { return const_cast<std::byte*>(memory_.data()); }
    std::size_t bytes() const override { return memory_.size(); }

  private:
    std::vector<std::byte> memory_;
};

/// A device that can do nothing; tests override what they need.
class FakeDevice : public device::Device {
  public:
    const device::Facts& facts() const override { return facts_; }
    std::unique_ptr<device::Buffer> allocate(std::size_t bytes, device::Memory) override {
        return std::make_unique<FakeBuffer>(bytes);
    }
    std::unique_ptr<device::Stream> make_stream(bool) override {
        return std::make_unique<FakeStream>();
    }
    std::unique_ptr<device::Event> make_event() override { return nullptr; }
    void copy(void*, const void*, std::size_t, device::Stream&) override {}
    device::MemoryInfo memory() const override { return {}; }
    std::unique_ptr<device::Graph> capture(device::Stream&, const std::function<void()>&) override {
        return nullptr;
    }
    bool reaches(const device::Device&) const override { return false; }
    void enable_peer(const device::Device&) override {}
    std::string share(const device::Buffer&) override { return ""; }
    std::unique_ptr<device::Buffer> open_shared(const std::string&, std::size_t bytes) override {
        return std::make_unique<FakeBuffer>(bytes);
    }
    device::Condition condition() const override { return {}; }

  protected:
    device::Facts facts_;
};

}  // namespace warpstep::test
