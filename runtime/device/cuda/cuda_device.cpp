// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/cuda/cuda_device.hpp"

#include <cuda_runtime_api.h>

#include "runtime/base/error.hpp"
#include "runtime/device/cuda/check.hpp"
#include "runtime/device/cuda/condition.hpp"
#include "runtime/device/cuda/cuda_buffer.hpp"
#include "runtime/device/cuda/cuda_event.hpp"
#include "runtime/device/cuda/cuda_graph.hpp"
#include "runtime/device/cuda/cuda_stream.hpp"
#include "runtime/device/cuda/current_device.hpp"
#include "runtime/device/cuda/inventory.hpp"
#include "runtime/device/cuda/shared_buffer.hpp"

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

}  // namespace

CudaDevice::CudaDevice(int ordinal) : ordinal_(ordinal), facts_(facts_of_shown(ordinal)) {
    CudaDevice::make_current();
    WARPSTEP_CUDA_CHECK(cudaFree(nullptr));
}

void CudaDevice::make_current() {
    cuda::make_current(ordinal_, facts_.uuid);
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

std::unique_ptr<Graph> CudaDevice::capture(Stream& stream, const std::function<void()>& body) {
    return std::make_unique<CudaGraph>(ordinal_, stream, body);
}

bool CudaDevice::reaches(const Device& peer) const {
    const auto* other = dynamic_cast<const CudaDevice*>(&peer);
    if (other == nullptr) return false;
    if (other->ordinal_ == ordinal_) return true;
    int can = 0;
    WARPSTEP_CUDA_CHECK(cudaDeviceCanAccessPeer(&can, ordinal_, other->ordinal_));
    return can != 0;
}

void CudaDevice::enable_peer(const Device& peer) {
    if (!reaches(peer)) {
        fail<DeviceError>(
            "{} does not reach into {} (no peer access between them: another PCI root, or an "
            "instance of a divided GPU); copy through the host",
            facts_.uuid, peer.facts().uuid.empty() ? peer.facts().name : peer.facts().uuid);
    }
    const int other = static_cast<const CudaDevice&>(peer).ordinal_;
    if (other == ordinal_) return;
    const CurrentDevice current(ordinal_);
    const cudaError_t code = cudaDeviceEnablePeerAccess(other, 0);
    if (code == cudaErrorPeerAccessAlreadyEnabled) {
        cudaGetLastError();
    } else if (code != cudaSuccess) {
        throw_cuda(code, "cudaDeviceEnablePeerAccess", __FILE__, __LINE__);
    }
}

std::string CudaDevice::share(const Buffer& buffer) {
    const CurrentDevice current(ordinal_);
    return cuda::share(buffer);
}

std::unique_ptr<Buffer> CudaDevice::open_shared(const std::string& handle, std::size_t bytes) {
    return cuda::open_shared(ordinal_, handle, bytes);
}

Condition CudaDevice::condition() const {
    return condition_of(facts_.uuid);
}

}  // namespace warpstep::device::cuda
