// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/arguments.hpp"
#include "runtime/device/host/cores.hpp"

namespace warpstep::kernels {

/// buffer <- value, every element.
/// Shape:  n elements of any type, n >= 0; the value is converted to the buffer's type.
/// Units:  moves n elements, no flops.
void fill(const Arguments& arguments, const device::host::Cores& cores);
/// Errors: ConfigError when the value does not fit the buffer's integer type.
void check_fill(const Arguments& arguments);

}  // namespace warpstep::kernels
