// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "runtime/comm/nccl/nccl_comm.hpp"
#include "runtime/device/device.hpp"

namespace warpstep::comm::nccl {

/// Zero-filled device memory of NCCL's own allocator, made known to the communicator where that can
/// be. Memory from cudaMalloc would do too, but NCCL then copies through its internal buffers: only
/// memory that it can map into its peers (and hand to the network card) takes the zero-copy and
/// NVLink SHARP paths.
class NcclBuffer final : public device::Buffer {
  public:
    /// On the current device; needs a library with mem_alloc. Errors: DeviceError with wanted and
    /// free bytes.
    NcclBuffer(std::shared_ptr<NcclComm> comm, std::size_t bytes);
    ~NcclBuffer() override;
    NcclBuffer(const NcclBuffer&) = delete;
    NcclBuffer& operator=(const NcclBuffer&) = delete;

    /// Collective; the window is there, or is not, once the communicator has settled. A symmetric
    /// window lets NCCL's fastest kernels in; an NCCL or a system without them gives none.
    void open_window();
    bool has_window() const { return window_ != nullptr; }
    /// The older way, local.
    void register_memory();

    void* data() const override { return data_; }
    std::size_t bytes() const override { return bytes_; }

  private:
    std::shared_ptr<NcclComm> comm_;
    void* data_ = nullptr;
    void* registration_ = nullptr;
    ncclWindow_t window_ = nullptr;
    std::size_t bytes_;
};

}  // namespace warpstep::comm::nccl
