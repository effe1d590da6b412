// SPDX-License-Identifier: Apache-2.0
// The device siblings, for the device catalog. Their contracts are those of the host functions of
// the same names; all are asynchronous on the stream, whose device is the current one of this
// thread. Errors: DeviceError if a launch fails.
#pragma once

#include "kernels/arguments.hpp"
#include "runtime/device/device.hpp"

namespace warpstep::kernels::cuda {

void axpy(const Arguments& arguments, device::Stream& stream);
void fill(const Arguments& arguments, device::Stream& stream);
void linear_gradient(const Arguments& arguments, device::Stream& stream);
void linear_squared_error(const Arguments& arguments, device::Stream& stream);
void stream_add(const Arguments& arguments, device::Stream& stream);
void stream_copy(const Arguments& arguments, device::Stream& stream);
void stream_mul(const Arguments& arguments, device::Stream& stream);
void stream_triad(const Arguments& arguments, device::Stream& stream);

}  // namespace warpstep::kernels::cuda
