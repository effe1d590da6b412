// SPDX-License-Identifier: Apache-2.0
// Where work runs. Two real implementations: device/host (the task's cores) and device/cuda (in the
// CUDA module). Public headers of this room hold no CUDA type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

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

/// What a device does at this moment; nothing where nobody tells.
struct Condition {
    std::optional<double> sm_clock, memory_clock;  ///< Hz
    std::optional<double> power, power_limit;      ///< W
    std::optional<double> temperature;             ///< degrees Celsius
    std::vector<std::string> throttled;            ///< why the clocks are held down: "power cap"
};

struct MemoryInfo {
    std::uint64_t free = 0, total = 0;  ///< bytes
};

/// `managed` moves between the host and the device as they touch it.
enum class Memory { device, managed, host, host_pinned };

/// Contiguous memory, freed with the object. `data()` is dereferenceable by the CPU unless it is
/// device memory on CUDA.
class Buffer {
  public:
    virtual ~Buffer() = default;
    virtual void* data() const = 0;
    virtual std::size_t bytes() const = 0;
};

class Event;

/// An ordered queue of work. On the host, work is done when the call that issued it returns.
class Stream {
  public:
    virtual ~Stream() = default;
    /// Blocks until all work issued so far is done. Errors: DeviceError for work that failed.
    virtual void synchronize() = 0;
    /// True when all work issued so far is done; never blocks. Errors: DeviceError for work that
    /// failed.
    virtual bool done() = 0;
    /// Work issued from now on starts after the event that was recorded last, on any stream.
    /// Errors: DeviceError.
    virtual void wait(const Event& event) = 0;
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

/// Work that was written down once and is launched many times, at the cost of one launch. Keeps no
/// memory alive: buffers and kernels used inside must outlive it.
class Graph {
  public:
    virtual ~Graph() = default;
    /// Errors: DeviceError.
    virtual void launch(Stream& stream) = 0;
    /// Captures anew. What keeps its shape (the same nodes and edges, other arguments) is changed
    /// in place, anything else is instantiated again. Not while a launch is under way. Errors: as
    /// Device::capture.
    virtual void update(const std::function<void()>& body) = 0;
};

class Device {
  public:
    virtual ~Device() = default;
    virtual const Facts& facts() const = 0;
    /// First thing in a thread that is to use this device: a thread begins with none of its own. On
    /// the host there is nothing to choose. Errors: DeviceError.
    virtual void make_current() {}
    /// Zero-filled. Errors: DeviceError when there is not that much memory, with wanted and free
    /// bytes.
    virtual std::unique_ptr<Buffer> allocate(std::size_t bytes, Memory memory) = 0;
    virtual std::unique_ptr<Stream> make_stream(bool high_priority = false) = 0;
    virtual std::unique_ptr<Event> make_event() = 0;
    /// Copies between any two places that this device can reach; asynchronous on CUDA. Errors:
    /// DeviceError.
    virtual void copy(void* to, const void* from, std::size_t bytes, Stream& stream) = 0;
    virtual MemoryInfo memory() const = 0;
    /// Bytes that can still be allocated.
    std::uint64_t free_memory() const { return memory().free; }

    /// Writes down what `body` issues on `stream`, and on streams that wait for an event of it and
    /// are waited for again, instead of running it. On the host `body` is kept and runs at every
    /// launch. Errors: DeviceError for work that cannot be captured (it names the call); whatever
    /// `body` throws. In both cases the stream can be used as before.
    virtual std::unique_ptr<Graph> capture(Stream& stream, const std::function<void()>& body) = 0;

    /// Whether kernels and copies of this device reach the other's memory directly.
    virtual bool reaches(const Device& peer) const = 0;
    /// Makes it so. Errors: DeviceError when it does not reach.
    virtual void enable_peer(const Device& peer) = 0;

    /// A buffer of this device for the other tasks of this node: bytes for open_shared(). The
    /// buffer must outlive what they open. Errors: DeviceError.
    virtual std::string share(const Buffer& buffer) = 0;
    /// A buffer that another task of this node has shared; closed with the object. Errors:
    /// DeviceError.
    virtual std::unique_ptr<Buffer> open_shared(const std::string& handle, std::size_t bytes) = 0;

    /// Clocks, power and temperature; reads NVML for a GPU. Costs milliseconds the first time.
    virtual Condition condition() const = 0;
};

}  // namespace warpstep::device
