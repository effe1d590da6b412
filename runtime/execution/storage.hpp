// SPDX-License-Identifier: Apache-2.0
// The buffers of a workload on one device: memory (collective, may fail), then content.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/device/device.hpp"
#include "runtime/execution/machine.hpp"
#include "runtime/plan/buffers.hpp"

namespace warpstep::execution {

struct NamedBuffer {
    plan::BufferPlan plan;
    std::unique_ptr<device::Buffer> memory;
    void* data() const { return memory->data(); }
};

class Storage {
  public:
    /// Collective: communicators allocate together. Errors: DeviceError, CommError.
    Storage(const Machine& machine, const std::vector<plan::BufferPlan>& plans);

    /// Of the task: what prepares and verifies data.
    const device::host::Cores& cores() const { return machine_.cores; }
    bool has(const std::string& name) const { return buffers_.count(name) > 0; }
    /// Errors: LogicError.
    const NamedBuffer& at(const std::string& name) const;
    /// One more buffer, of this device alone, shaped like another. Local. Errors: DeviceError.
    void add_scratch(const std::string& name, const std::string& like);
    /// Writes the initial content of every buffer.
    void initialize(device::Stream& stream) const;
    /// Elements [begin, begin + count) as bytes on the host; blocks until they are there.
    std::vector<char> read(const std::string& name, std::int64_t begin, std::int64_t count,
                           device::Stream& stream) const;
    /// The opposite of read().
    void write(const std::string& name, const std::vector<char>& bytes,
               device::Stream& stream) const;

  private:
    void initialize(const NamedBuffer& buffer, device::Stream& stream) const;
    const Machine& machine_;
    std::map<std::string, NamedBuffer> buffers_;
};

}  // namespace warpstep::execution
