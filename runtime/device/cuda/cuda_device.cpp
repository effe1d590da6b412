// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/cuda/cuda_device.hpp"

#include <cuda_runtime_api.h>

#include <cstdint>

#include "runtime/base/error.hpp"
#include "runtime/device/cuda/check.hpp"
#include "runtime/device/cuda/cuda_buffer.hpp"
#include "runtime/device/cuda/cuda_event.hpp"
#include "runtime/device/cuda/cuda_stream.hpp"
#include "runtime/device/cuda/current_device.hpp"
#include "runtime/device/cuda/inventory.hpp"

namespace warpstep::device::cuda {
namespace {

Facts facts_of_shown(int ordinal) {
    const auto devices = list_devices();
    if (ordinal < 0 || ordinal >= static_cast<int>(devices.size())) {
        fail<DeviceError>(
            "no CUDA device {} (CUDA shows {} to this task); check --gpus-per-task and "
            "CUDA_VISIBLE_DEVICES",
            ordinal, devices.size());
    }
    return devices[static_cast<std::size_t>(ordinal)];
}

// Kernels take scratch memory from the device's pool. By default it goes back to the driver at
// every synchronization, and getting it again costs more than the kernel. Without pools there is
// nothing to keep.
void keep_pool_memory(int ordinal) {
    cudaMemPool_t pool = nullptr;
    if (cudaDeviceGetDefaultMemPool(&pool, ordinal) != cudaSuccess) return;
    std::uint64_t threshold = 64 << 20;
    ignore(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &threshold));
}

}  // namespace

CudaDevice::CudaDevice(int ordinal) : ordinal_(ordinal), facts_(facts_of_shown(ordinal)) {
    WARPSTEP_CUDA_CHECK(cudaSetDevice(ordinal));
    WARPSTEP_CUDA_CHECK(cudaFree(nullptr));
    keep_pool_memory(ordinal);
}

std::unique_ptr<Buffer> CudaDevice::allocate(std::size_t bytes, Memory memory) {
    return cuda::allocate(ordinal_, bytes, memory);
}

std::unique_ptr<Stream> CudaDevice::make_stream(bool high_priority) {
    return std::make_unique<CudaStream>(ordinal_, high_priority);
}

std::unique_ptr<Event> CudaDevice::make_event() {
    return std::make_unique<CudaEvent>(ordinal_);
}

void CudaDevice::copy(void* to, const void* from, std::size_t bytes, Stream& stream) {
    if (bytes == 0) return;
    const CurrentDevice current(ordinal_);
    WARPSTEP_CUDA_CHECK(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault,
                                        static_cast<cudaStream_t>(stream.native())));
}

MemoryInfo CudaDevice::memory() const {
    const CurrentDevice current(ordinal_);
    std::size_t free = 0;
    std::size_t total = 0;
    WARPSTEP_CUDA_CHECK(cudaMemGetInfo(&free, &total));
    return {free, total};
}

std::unique_ptr<Graph> CudaDevice::capture(Stream&, const std::function<void()>&) {
    fail<LogicError>("graphs are not built yet");
}

bool CudaDevice::reaches(const Device&) const {
    fail<LogicError>("peer access is not built yet");
}

void CudaDevice::enable_peer(const Device&) {
    fail<LogicError>("peer access is not built yet");
}

std::string CudaDevice::share(const Buffer&) {
    fail<LogicError>("shared buffers are not built yet");
}

std::unique_ptr<Buffer> CudaDevice::open_shared(const std::string&, std::size_t) {
    fail<LogicError>("shared buffers are not built yet");
}

Condition CudaDevice::condition() const {
    return {};
}

}  // namespace warpstep::device::cuda
