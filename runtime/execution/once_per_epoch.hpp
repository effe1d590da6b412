// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/data/seen_rows.hpp"
#include "runtime/execution/machine.hpp"

namespace warpstep::execution {

/// What one device of this task has seen.
struct SeenBy {
    const data::SeenRows* seen;
    const Machine* machine;
    device::Stream* stream;
};

/// Collective over all devices of all tasks: whether in every epoch so far every row was seen
/// exactly once by all members together, `expected_repeats` of an epoch aside. True when there was
/// no epoch. `devices`: all of this task. Blocks. Errors: CommError, DeviceError.
bool once_per_epoch(const std::vector<SeenBy>& devices, std::int64_t expected_repeats);

}  // namespace warpstep::execution
