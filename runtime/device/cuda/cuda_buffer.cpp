// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/cuda/cuda_buffer.hpp"

#include <cuda_runtime_api.h>

#include <cstdlib>
#include <cstring>

#include "runtime/base/error.hpp"
#include "runtime/base/units.hpp"
#include "runtime/device/cuda/check.hpp"
#include "runtime/device/cuda/current_device.hpp"

namespace warpstep::device::cuda {
namespace {

// "3 GiB of 80 GiB", "n/a" when CUDA does not say.
std::string show_free_of_total() {
    std::size_t free = 0;
    std::size_t total = 0;
    if (!answered(cudaMemGetInfo(&free, &total))) return "n/a";
    return show_bytes(free) + " of " + show_bytes(total);
}

class DeviceBuffer final : public Buffer {
  public:
    DeviceBuffer(std::size_t bytes, bool managed) : bytes_(bytes) {
        if (bytes == 0) return;
        const cudaError_t code = managed ? cudaMallocManaged(&data_, bytes, cudaMemAttachGlobal)
                                         : cudaMalloc(&data_, bytes);
        if (code == cudaSuccess) return;
        data_ = nullptr;
        if (code != cudaErrorMemoryAllocation)
            throw_cuda(code, managed ? "cudaMallocManaged" : "cudaMalloc", __FILE__, __LINE__);
        cudaGetLastError();
        fail<DeviceError>(
            "cannot allocate {} of {} memory on {} ({}; {} are free); use smaller buffers",
            show_bytes(bytes), managed ? "managed" : "device", uuid_of_current(), describe(code),
            show_free_of_total());
    }
    ~DeviceBuffer() override { ignore(cudaFree(data_)); }
    DeviceBuffer(const DeviceBuffer&) = delete;
    DeviceBuffer& operator=(const DeviceBuffer&) = delete;
    void* data() const override { return data_; }
    std::size_t bytes() const override { return bytes_; }

  private:
    void* data_ = nullptr;
    std::size_t bytes_;
};

// Pages come from where the task's memory policy says: CUDA touches them on this thread.
class PinnedBuffer final : public Buffer {
  public:
    explicit PinnedBuffer(std::size_t bytes) : bytes_(bytes) {
        if (bytes == 0) return;
        if (const cudaError_t code = cudaHostAlloc(&data_, bytes, cudaHostAllocPortable);
            code != cudaSuccess) {
            data_ = nullptr;
            if (code != cudaErrorMemoryAllocation)
                throw_cuda(code, "cudaHostAlloc", __FILE__, __LINE__);
            cudaGetLastError();
            fail<DeviceError>(
                "cannot allocate {} of pinned host memory ({}); use smaller buffers or request "
                "more memory with --mem",
                show_bytes(bytes), describe(code));
        }
        std::memset(data_, 0, bytes);
    }
    ~PinnedBuffer() override { ignore(cudaFreeHost(data_)); }
    PinnedBuffer(const PinnedBuffer&) = delete;
    PinnedBuffer& operator=(const PinnedBuffer&) = delete;
    void* data() const override { return data_; }
    std::size_t bytes() const override { return bytes_; }

  private:
    void* data_ = nullptr;
    std::size_t bytes_;
};

class HostBuffer final : public Buffer {
  public:
    explicit HostBuffer(std::size_t bytes)
        : data_(std::calloc(bytes, 1), &std::free), bytes_(bytes) {
        if (data_ == nullptr && bytes > 0) {
            fail<DeviceError>(
                "cannot allocate {} of host memory; use smaller buffers or request more memory "
                "with --mem",
                show_bytes(bytes));
        }
    }
    void* data() const override { return data_.get(); }
    std::size_t bytes() const override { return bytes_; }

  private:
    std::unique_ptr<void, void (*)(void*)> data_;
    std::size_t bytes_;
};

}  // namespace

std::unique_ptr<Buffer> allocate(int ordinal, std::size_t bytes, Memory memory) {
    if (memory == Memory::host) return std::make_unique<HostBuffer>(bytes);
    const CurrentDevice current(ordinal);
    if (memory == Memory::host_pinned) return std::make_unique<PinnedBuffer>(bytes);
    auto buffer = std::make_unique<DeviceBuffer>(bytes, memory == Memory::managed);
    zero_fill(buffer->data(), bytes);
    return buffer;
}

// A memset of device memory returns before it is done, and our streams do not wait for the default
// one.
void zero_fill(void* data, std::size_t bytes) {
    if (bytes == 0) return;
    WARPSTEP_CUDA_CHECK(cudaMemsetAsync(data, 0, bytes, cudaStreamPerThread));
    WARPSTEP_CUDA_CHECK(cudaStreamSynchronize(cudaStreamPerThread));
}

std::size_t free_bytes() noexcept {
    std::size_t free = 0;
    std::size_t total = 0;
    return answered(cudaMemGetInfo(&free, &total)) ? free : 0;
}

}  // namespace warpstep::device::cuda
