// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

#include "runtime/device/device.hpp"

namespace warpstep::device::cuda {

/// Zero-filled memory of the kind asked for; `ordinal` is the device that owns or reaches it.
/// Errors: DeviceError with wanted and free bytes.
std::unique_ptr<Buffer> allocate(int ordinal, std::size_t bytes, Memory memory);

/// Zeroes device memory and returns when that is done. Errors: DeviceError.
void zero_fill(void* data, std::size_t bytes);

/// Bytes of the current device that can still be allocated; 0 when CUDA does not say.
std::size_t free_bytes() noexcept;

}  // namespace warpstep::device::cuda
