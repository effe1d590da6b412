// SPDX-License-Identifier: Apache-2.0
// What the driver can ask for after an error, as NVML's number (nvmlDeviceGpuRecoveryAction_t) and
// in the line of Xid 154. Source: NVML API reference.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace warpstep::check {

struct Recovery {
    unsigned number = 0;         ///< 0: nothing is asked for
    std::string wanted;          ///< "a reset of the GPU"
    std::string steps;           ///< what to type for it
    bool ends_at_reset = false;  ///< done without a reboot, so that the log still tells of it
};

/// Nothing for a number that nobody here knows.
std::optional<Recovery> recovery_of(unsigned number, const std::string& gpu_uuid,
                                    const std::string& node);
/// "0x1 (GPU Reset Required)": 1
std::optional<unsigned> recovery_number(std::string_view action);

}  // namespace warpstep::check
