// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/topology/node.hpp"

namespace warpstep::topology {

/// What to do with an entry that names no GPU of the machine.
enum class UnknownGpu {
    ends_list,  ///< as CUDA does: that entry and all after it are invisible
    is_error    ///< ConfigError: the description of the machine and the grant disagree
};

/// Which of `gpus` (by PCI address) a list in the manner of CUDA_VISIBLE_DEVICES grants, ascending
/// and without duplicates. Entries: ordinals, UUIDs or unique beginnings of one, "-1" to end the
/// list. Nothing: all GPUs; "" and "NoDevFiles": none. Ordinals on a machine without GPUs are
/// ignored, because schedulers may grant stand-in devices.
std::vector<int> visible_gpus(const std::optional<std::string>& list, const std::vector<Gpu>& gpus,
                              UnknownGpu unknown);

}  // namespace warpstep::topology
