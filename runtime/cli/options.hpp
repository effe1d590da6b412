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
    std::vector<std::string> overrides;     ///< --set
    std::vector<std::string> params_files;  ///< --params
    DeviceWish device = DeviceWish::automatic;
    int local_ranks = 0;                      ///< 0: not asked for
    std::string json;                         ///< "", a path or "-"
    std::chrono::seconds meeting_timeout{0};  ///< --timeout; 0: by the number of ranks
    /// --operation-timeout: of one collective, and of a wait between phases. Long, because ranks
    /// may have different work.
    std::chrono::seconds operation_timeout{1800};
    std::chrono::seconds run_timeout{0};  ///< --run-timeout; 0: none
    bool watch = false;                   ///< --watch
    bool dry_run = false;
    int dry_ranks = 0;     ///< --ranks of a dry run; 0: what the launcher or the file says
    int dry_per_node = 0;  ///< --per-node of a dry run; 0: all on one node
    bool here = false;     ///< --here: the ranks of a dry run would run on this machine
    std::string topology;  ///< --topology: the file of the node that they would run on; "": none
    std::string assume;    ///< --assume: the GPU of a dry run, "h100" or "sm_90"; "": what is here
};

}  // namespace warpstep::cli
