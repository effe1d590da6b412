// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace warpstep::cli {

enum class DeviceWish { automatic, host, cuda };

/// The command line of `run`.
struct RunOptions {
    std::string file;
    std::vector<std::string> overrides;  ///< --set
    DeviceWish device = DeviceWish::automatic;
    int local_ranks = 0;  ///< 0: not asked for
    std::string json;     ///< "", a path or "-"
    std::chrono::seconds bootstrap_timeout{60};
    std::chrono::seconds operation_timeout{600};
};

}  // namespace warpstep::cli
