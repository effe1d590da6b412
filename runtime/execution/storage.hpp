// SPDX-License-Identifier: Apache-2.0
// The buffers of a workload: sizes first (local, may refuse), then memory (collective, may fail),
// then content.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/device/device.hpp"
#include "runtime/execution/buffer_file.hpp"
#include "runtime/execution/machine.hpp"
#include "runtime/execution/rank_scope.hpp"

namespace warpstep::execution {

/// A buffer's size and initial content, evaluated for this rank.
struct BufferPlan {
    std::string name;
    DType dtype = DType::f32;
    std::int64_t count = 0;           ///< product of the shape
    std::vector<std::int64_t> shape;  ///< as written: one extent for `count`
    workload::MemoryKind memory = workload::MemoryKind::device;
    workload::BufferInit::Kind init = workload::BufferInit::Kind::zero;
    double number = 0;
    std::uint64_t seed = 0;
    std::shared_ptr<const BufferFile> file = {};  ///< of `init: { file }`, opened and checked
    bool collective =
        false;  ///< takes part in a collective: allocated where the communicator reaches it fastest

    std::size_t bytes() const { return static_cast<std::size_t>(count) * size_of(dtype); }
    bool operator==(const BufferPlan&) const = default;
};

/// Errors: ConfigError with the buffer's place for a negative count, one beyond 2^62 bytes, first
/// values that do not fit the type, or a file that has not what the buffer needs.
std::vector<BufferPlan> plan_buffers(const workload::Workload& workload, const RankScope& scope,
                                     const std::set<std::string>& collective);

struct NamedBuffer {
    BufferPlan plan;
    std::unique_ptr<device::Buffer> memory;
    void* data() const { return memory->data(); }
};

class Storage {
  public:
    /// Collective: communicators allocate together. Errors: DeviceError, CommError.
    Storage(const Machine& machine, const std::vector<BufferPlan>& plans);

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
