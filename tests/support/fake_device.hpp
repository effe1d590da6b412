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

}  // namespace warpstep::test
