// SPDX-License-Identifier: Apache-2.0
// Device memory of another task of this node, by CUDA IPC.
#pragma once

#include <memory>
#include <string>

#include "runtime/device/device.hpp"

namespace warpstep::device::cuda {

/// Bytes that open_shared() of another process turns into the same memory. `buffer` comes from
/// cudaMalloc: memory of other allocators (NCCL's) has no handle. Errors: DeviceError.
std::string share(const Buffer& buffer);

/// Errors: DeviceError for bytes that are no handle, come from this process, or name less memory.
std::unique_ptr<Buffer> open_shared(int ordinal, const std::string& handle, std::size_t bytes);

}  // namespace warpstep::device::cuda
