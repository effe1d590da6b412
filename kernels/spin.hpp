// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/arguments.hpp"
#include "runtime/device/host/cores.hpp"

namespace warpstep::kernels {

/// Keeps one thread of the device busy for `seconds` (0 to 3600) and nothing else: for overlap,
/// skew and timeouts. Host: the calling core. Moves nothing.
/// Errors: ConfigError from check_spin.
void spin(const Arguments& arguments, const device::host::Cores& cores);
void check_spin(const Arguments& arguments);

}  // namespace warpstep::kernels
