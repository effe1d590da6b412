// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/cuda/shared_buffer.hpp"

#include <cuda_runtime_api.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

#include "runtime/base/error.hpp"
#include "runtime/base/units.hpp"
#include "runtime/device/cuda/check.hpp"
#include "runtime/device/cuda/current_device.hpp"

namespace warpstep::device::cuda {
namespace {

struct Handle {
    std::uint64_t process = 0, bytes = 0;
    cudaIpcMemHandle_t memory{};
};

class SharedBuffer final : public Buffer {
  public:
    SharedBuffer(void* data, std::size_t bytes) : data_(data), bytes_(bytes) {}
    ~SharedBuffer() override {
        if (data_ != nullptr) ignore(cudaIpcCloseMemHandle(data_));
    }
    SharedBuffer(const SharedBuffer&) = delete;
    SharedBuffer& operator=(const SharedBuffer&) = delete;
    void* data() const override { return data_; }
    std::size_t bytes() const override { return bytes_; }

  private:
    void* data_;
    std::size_t bytes_;
};

}  // namespace

std::string share(const Buffer& buffer) {
    Handle handle;
    handle.process = static_cast<std::uint64_t>(::getpid());
    handle.bytes = buffer.bytes();
    if (handle.bytes > 0) WARPSTEP_CUDA_CHECK(cudaIpcGetMemHandle(&handle.memory, buffer.data()));
    return {reinterpret_cast<const char*>(&handle), sizeof handle};
}

std::unique_ptr<Buffer> open_shared(int ordinal, const std::string& bytes, std::size_t wanted) {
    Handle handle;
    if (bytes.size() != sizeof handle) {
        fail<DeviceError>(
            "{} bytes are no handle of shared memory ({} were expected); start one "
            "warpstep on all tasks",
            bytes.size(), sizeof handle);
    }
    std::memcpy(&handle, bytes.data(), sizeof handle);
    if (handle.process == static_cast<std::uint64_t>(::getpid())) {
        fail<DeviceError>(
            "this task's own memory cannot be opened as another task's; use it directly");
    }
    if (handle.bytes < wanted) {
        fail<DeviceError>("the other task shares {}, not {}; use the same sizes on all ranks",
                          show_bytes(handle.bytes), show_bytes(wanted));
    }
    const CurrentDevice current(ordinal);
    void* data = nullptr;
    if (wanted > 0) {
        WARPSTEP_CUDA_CHECK(
            cudaIpcOpenMemHandle(&data, handle.memory, cudaIpcMemLazyEnablePeerAccess));
    }
    return std::make_unique<SharedBuffer>(data, wanted);
}

}  // namespace warpstep::device::cuda
