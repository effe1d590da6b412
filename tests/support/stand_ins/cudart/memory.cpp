// SPDX-License-Identifier: Apache-2.0
// Memory of the devices and of the host. Device memory ends at a page that nobody may touch, and
// what lies between is checked when it is freed, so a write past the end does not go unseen.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include "tests/support/stand_ins/cudart/state.hpp"

namespace stand_ins::cudart {
namespace {

constexpr std::size_t page = 4096;
constexpr std::size_t alignment = 256;
constexpr unsigned char canary = 0xa5;

struct Allocation {
    std::size_t bytes = 0;  ///< as asked for
    char* mapping = nullptr;
    std::size_t mapped = 0;  ///< with the page behind it
    int device = 0;
    int file = -1;  ///< what other processes open
    bool host = false, imported = false;
};

std::mutex mutex;
std::map<char*, Allocation>& allocations() {
    static auto* all = new std::map<char*, Allocation>;
    return *all;
}
std::map<int, std::size_t>& used() {
    static auto* by_device = new std::map<int, std::size_t>;
    return *by_device;
}

std::size_t rounded(std::size_t bytes, std::size_t to) {
    return (bytes + to - 1) / to * to;
}

std::size_t limit() {
    return static_cast<std::size_t>(setting("STAND_IN_MEMORY", 1 << 30));
}

// The end of the data is as near to the forbidden page as its alignment allows.
char* place(Allocation& allocation) {
    const std::size_t data = rounded(allocation.bytes, alignment);
    const std::size_t pages = rounded(data, page);
    allocation.mapped = pages + page;
    if (!allocation.host) allocation.file = ::memfd_create("stand-in", MFD_CLOEXEC);
    const bool shared =
        allocation.file >= 0 && ::ftruncate(allocation.file, static_cast<off_t>(pages)) == 0;
    void* reserved =
        ::mmap(nullptr, allocation.mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (reserved == MAP_FAILED) return nullptr;
    void* mapped = ::mmap(reserved, pages, PROT_READ | PROT_WRITE,
                          MAP_FIXED | (shared ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS),
                          shared ? allocation.file : -1, 0);
    if (mapped == MAP_FAILED) return nullptr;
    allocation.mapping = static_cast<char*>(mapped);
    char* begin = allocation.mapping + (pages - data);
    // Device memory is not zero when one gets it.
    std::memset(begin, 0xcd, std::min<std::size_t>(allocation.bytes, 1 << 20));
    std::memset(begin + allocation.bytes, canary, data - allocation.bytes);
    return begin;
}

void check_canary(const char* data, const Allocation& allocation) {
    const std::size_t end = rounded(allocation.bytes, alignment);
    for (std::size_t i = allocation.bytes; i < end; ++i) {
        if (static_cast<unsigned char>(data[i]) == canary) continue;
        std::fprintf(stderr, "stand-in: byte %zu of an allocation of %zu was written\n", i,
                     allocation.bytes);
        std::abort();
    }
}

cudaError_t allocate(void** data, std::size_t bytes, bool host) {
    *data = nullptr;
    if (bytes == 0) return cudaSuccess;
    const std::lock_guard lock(mutex);
    const int device = current_device();
    if (!host && used()[device] + bytes > limit()) return cudaErrorMemoryAllocation;
    Allocation allocation{bytes, nullptr, 0, device, -1, host, false};
    char* begin = place(allocation);
    if (begin == nullptr) return cudaErrorMemoryAllocation;
    if (!host) used()[device] += bytes;
    allocations().emplace(begin, allocation);
    ++live_memory;
    *data = begin;
    return cudaSuccess;
}

cudaError_t release(void* data) {
    if (data == nullptr) return cudaSuccess;
    // As the real one: nothing on the device may still use it.
    wait_for_all_streams();
    const std::lock_guard lock(mutex);
    const auto found = allocations().find(static_cast<char*>(data));
    if (found == allocations().end()) return cudaErrorInvalidValue;
    const Allocation allocation = found->second;
    allocations().erase(found);
    if (!allocation.imported) check_canary(static_cast<char*>(data), allocation);
    if (!allocation.host && !allocation.imported) used()[allocation.device] -= allocation.bytes;
    ::munmap(allocation.mapping, allocation.mapped);
    if (allocation.file >= 0) ::close(allocation.file);
    --live_memory;
    return cudaSuccess;
}

/// The allocation that contains this address, or the end.
std::map<char*, Allocation>::iterator around(const void* data) {
    auto* place = static_cast<char*>(const_cast<void*>(data));
    auto next = allocations().upper_bound(place);
    if (next == allocations().begin()) return allocations().end();
    --next;
    return place < next->first + next->second.bytes ? next : allocations().end();
}

/// What a handle holds; it has 64 bytes.
struct Shared {
    int process, file;
    std::uint64_t offset, bytes, mapped;
    char magic[8];
};
constexpr char magic[8] = "standin";

}  // namespace
}  // namespace stand_ins::cudart

using namespace stand_ins;
using namespace stand_ins::cudart;

STAND_IN cudaError_t cudaMalloc(void** data, std::size_t bytes) {
    STAND_IN_ENTRY(cudaMalloc);
    return told(allocate(data, bytes, false));
}
STAND_IN cudaError_t cudaMallocManaged(void** data, std::size_t bytes, unsigned) {
    STAND_IN_ENTRY(cudaMallocManaged);
    return told(allocate(data, bytes, false));
}
STAND_IN cudaError_t cudaFree(void* data) {
    STAND_IN_ENTRY(cudaFree);
    return told(release(data));
}
STAND_IN cudaError_t cudaHostAlloc(void** data, std::size_t bytes, unsigned) {
    STAND_IN_ENTRY(cudaHostAlloc);
    return told(allocate(data, bytes, true));
}
STAND_IN cudaError_t cudaFreeHost(void* data) {
    STAND_IN_ENTRY(cudaFreeHost);
    return told(release(data));
}

STAND_IN cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
    STAND_IN_ENTRY(cudaMemGetInfo);
    const std::lock_guard lock(mutex);
    *total = limit();
    *free = limit() - used()[current_device()];
    return cudaSuccess;
}

STAND_IN cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* data) {
    STAND_IN_ENTRY(cudaPointerGetAttributes);
    const std::lock_guard lock(mutex);
    const auto found = around(data);
    *attributes = {};
    if (found == allocations().end()) return cudaSuccess;
    attributes->type = found->second.host ? cudaMemoryTypeHost : cudaMemoryTypeDevice;
    attributes->device = found->second.device;
    attributes->devicePointer = const_cast<void*>(data);
    return cudaSuccess;
}

STAND_IN cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind,
                                     cudaStream_t stream) {
    STAND_IN_ENTRY(cudaMemcpyAsync);
    return told(submit(stream, copy_node, [=] { std::memmove(to, from, bytes); }));
}
STAND_IN cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind) {
    STAND_IN_ENTRY(cudaMemcpy);
    wait_for_all_streams();
    std::memmove(to, from, bytes);
    return cudaSuccess;
}
STAND_IN cudaError_t cudaMemsetAsync(void* data, int value, std::size_t bytes,
                                     cudaStream_t stream) {
    STAND_IN_ENTRY(cudaMemsetAsync);
    return told(submit(stream, fill_node, [=] { std::memset(data, value, bytes); }));
}

STAND_IN cudaError_t cudaIpcGetMemHandle(cudaIpcMemHandle_t* handle, void* data) {
    STAND_IN_ENTRY(cudaIpcGetMemHandle);
    const std::lock_guard lock(mutex);
    const auto found = around(data);
    if (found == allocations().end() || found->second.file < 0) return told(cudaErrorInvalidValue);
    const Allocation& allocation = found->second;
    Shared shared{::getpid(),
                  allocation.file,
                  static_cast<std::uint64_t>(found->first - allocation.mapping),
                  allocation.bytes,
                  allocation.mapped - page,
                  {}};
    std::memcpy(shared.magic, magic, sizeof magic);
    static_assert(sizeof shared <= sizeof *handle);
    std::memset(handle, 0, sizeof *handle);
    std::memcpy(handle, &shared, sizeof shared);
    return cudaSuccess;
}

STAND_IN cudaError_t cudaIpcOpenMemHandle(void** data, cudaIpcMemHandle_t handle, unsigned) {
    STAND_IN_ENTRY(cudaIpcOpenMemHandle);
    Shared shared{};
    std::memcpy(&shared, &handle, sizeof shared);
    // The real one refuses handles of its own process.
    if (std::memcmp(shared.magic, magic, sizeof magic) != 0 || shared.process == ::getpid()) {
        return told(cudaErrorInvalidValue);
    }
    const std::string path =
        "/proc/" + std::to_string(shared.process) + "/fd/" + std::to_string(shared.file);
    const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (file < 0) return told(cudaErrorMapBufferObjectFailed);
    void* mapping = ::mmap(nullptr, shared.mapped, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapping == MAP_FAILED) {
        ::close(file);
        return told(cudaErrorMapBufferObjectFailed);
    }
    const std::lock_guard lock(mutex);
    char* begin = static_cast<char*>(mapping) + shared.offset;
    allocations().emplace(begin, Allocation{shared.bytes, static_cast<char*>(mapping),
                                            shared.mapped, current_device(), file, false, true});
    ++live_memory;
    *data = begin;
    return cudaSuccess;
}

STAND_IN cudaError_t cudaIpcCloseMemHandle(void* data) {
    STAND_IN_ENTRY(cudaIpcCloseMemHandle);
    return told(release(data));
}
