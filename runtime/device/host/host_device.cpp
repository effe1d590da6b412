// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/host/host_device.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>

#include "runtime/base/counted.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/units.hpp"

namespace warpstep::device::host {
namespace {

using Clock = std::chrono::steady_clock;

// MemAvailable of /proc/meminfo: what can be had without swapping (proc(5)).
std::uint64_t available_memory() {
    std::ifstream meminfo("/proc/meminfo");
    std::string key, unit;
    std::uint64_t kib = 0;
    while (meminfo >> key >> kib) {
        if (key == "MemAvailable:") return kib * 1024;
        std::getline(meminfo, unit);
    }
    return 0;
}

std::uint64_t physical_memory() {
    return static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
           static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// Pages are zero and take their place in memory when first touched, by the core that touches them.
class PageBuffer final : public Buffer {
  public:
    explicit PageBuffer(std::size_t bytes) : bytes_(bytes) {
        if (bytes == 0) return;
        data_ = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (data_ == MAP_FAILED) {
            fail<DeviceError>("cannot allocate {} ({}, {} available); use smaller buffers",
                              show_bytes(bytes), std::strerror(errno),
                              show_bytes(available_memory()));
        }
    }
    ~PageBuffer() override {
        if (data_ != nullptr) ::munmap(data_, bytes_);
    }
    PageBuffer(const PageBuffer&) = delete;
    PageBuffer& operator=(const PageBuffer&) = delete;
    void* data() const override { return data_; }
    std::size_t bytes() const override { return bytes_; }

  private:
    void* data_ = nullptr;
    std::size_t bytes_;
};

class HostStream final : public Stream {
  public:
    void synchronize() override {}
    bool done() override { return true; }
    void wait(const Event&) override {}
    void* native() const override { return nullptr; }
};

class HostEvent final : public Event {
  public:
    void record(Stream&) override { at_ = Clock::now(); }
    void synchronize() override {}
    double seconds_since(const Event& earlier) const override {
        const auto& other = static_cast<const HostEvent&>(earlier);
        return std::chrono::duration<double>(at_ - other.at_).count();
    }

  private:
    Clock::time_point at_{};
};

// Work is done when it is issued, so the body itself is the graph.
class HostGraph final : public Graph {
  public:
    explicit HostGraph(std::function<void()> body) : body_(std::move(body)) {}
    void launch(Stream&) override { body_(); }
    void update(const std::function<void()>& body) override { body_ = body; }

  private:
    std::function<void()> body_;
};

Facts host_facts(int cores) {
    Facts facts;
    facts.kind = Kind::host;
    facts.name = "host, " + counted(cores, "core");
    facts.memory_bytes = physical_memory();
    facts.sm_count = cores;
    return facts;
}

}  // namespace

HostDevice::HostDevice(int cores) : cores_(cores), facts_(host_facts(cores_.count())) {}

std::unique_ptr<Buffer> HostDevice::allocate(std::size_t bytes, Memory) {
    // Linux overcommits: without this question the refusal would come as a kill in the middle of
    // the work.
    if (const std::uint64_t available = available_memory(); available != 0 && bytes > available) {
        fail<DeviceError>(
            "cannot allocate {} (only {} of memory are available); use smaller buffers",
            show_bytes(bytes), show_bytes(available));
    }
    return std::make_unique<PageBuffer>(bytes);
}

std::unique_ptr<Stream> HostDevice::make_stream(bool) {
    return std::make_unique<HostStream>();
}

std::unique_ptr<Event> HostDevice::make_event() {
    return std::make_unique<HostEvent>();
}

void HostDevice::copy(void* to, const void* from, std::size_t bytes, Stream&) {
    if (bytes > 0) std::memmove(to, from, bytes);
}

MemoryInfo HostDevice::memory() const {
    return {available_memory(), facts_.memory_bytes};
}

std::unique_ptr<Graph> HostDevice::capture(Stream&, const std::function<void()>& body) {
    return std::make_unique<HostGraph>(body);
}

bool HostDevice::reaches(const Device& peer) const {
    return peer.facts().kind == Kind::host;
}

void HostDevice::enable_peer(const Device& peer) {
    if (!reaches(peer)) {
        fail<DeviceError>("the host device does not reach into {}; copy instead",
                          peer.facts().name);
    }
}

std::string HostDevice::share(const Buffer&) {
    fail<DeviceError>("host buffers cannot be shared one by one; use the communicator's memory");
}

std::unique_ptr<Buffer> HostDevice::open_shared(const std::string&, std::size_t) {
    fail<DeviceError>("host buffers cannot be shared one by one; use the communicator's memory");
}

Condition HostDevice::condition() const {
    return {};
}

}  // namespace warpstep::device::host
