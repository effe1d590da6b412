// SPDX-License-Identifier: Apache-2.0
// Where work runs. Two real implementations: device/host (the task's cores) and device/cuda (in the
// CUDA module). Public headers of this room hold no CUDA type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace warpstep::device {

enum class Kind { host, cuda };
constexpr const char* name_of(Kind kind) {
    return kind == Kind::host ? "host" : "cuda";
}

/// What a device is, for reports and for `device.*` in expressions.
struct Facts {
    Kind kind = Kind::host;
    std::string name;  ///< "NVIDIA H200", "host, 4 cores"
    std::string uuid;  ///< "" on the host
    std::string pci;   ///< "0000:1b:00.0", "" on the host
    std::uint64_t memory_bytes = 0;
    int sm_count = 0;                             ///< multiprocessors; cores on the host
    std::optional<double> peak_memory_bandwidth;  ///< bytes per second; nothing when nobody tells
};

enum class Memory { device, host, host_pinned };

/// Contiguous memory, freed with the object. `data()` is dereferenceable by the CPU unless it is
/// device memory on CUDA.
class Buffer {
  public:
    virtual ~Buffer() = default;
    virtual void* data() const = 0;
    virtual std::size_t bytes() const = 0;
};

/// An ordered queue of work. On the host, work is done when the call that issued it returns.
class Stream {
  public:
    virtual ~Stream() = default;
    /// Blocks until all work issued so far is done. Errors: DeviceError for work that failed.
    virtual void synchronize() = 0;
    /// True when all work issued so far is done; never blocks. Errors: DeviceError for work that
    /// failed.
    virtual bool done() = 0;
    /// The library's handle (cudaStream_t), or nullptr on the host.
    virtual void* native() const = 0;
};

/// A point on a stream.
class Event {
  public:
    virtual ~Event() = default;
    virtual void record(Stream& stream) = 0;
    /// Blocks until the event has happened.
    virtual void synchronize() = 0;
    /// Seconds from `earlier` to this. Precondition: both have happened.
    virtual double seconds_since(const Event& earlier) const = 0;
};

class Device {
  public:
    virtual ~Device() = default;
    virtual const Facts& facts() const = 0;
    /// Zero-filled. Errors: DeviceError when there is not that much memory, with wanted and free
    /// bytes.
    virtual std::unique_ptr<Buffer> allocate(std::size_t bytes, Memory memory) = 0;
    virtual std::unique_ptr<Stream> make_stream(bool high_priority = false) = 0;
    virtual std::unique_ptr<Event> make_event() = 0;
    /// Copies between any two places that this device can reach; asynchronous on CUDA. Errors:
    /// DeviceError.
    virtual void copy(void* to, const void* from, std::size_t bytes, Stream& stream) = 0;
    /// Bytes that can still be allocated.
    virtual std::uint64_t free_memory() const = 0;
};

}  // namespace warpstep::device
