// SPDX-License-Identifier: Apache-2.0
// `exec --diagnose`: a process beside the node's commands that looks, some time after their start,
// at what they really use.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace warpstep::cli {

/// Starts the watcher of these tasks of this node, as no child of this process: the command that it
/// becomes must not meet a child that it has not started. Errors: none are thrown; without a
/// watcher the command runs as well, and a warning is said.
void start_watcher(const std::vector<std::int64_t>& pids, int after_s) noexcept;

/// The watcher's work, `warpstep check --watch PID,PID… --after S`: waits, collects, judges, says
/// the report on stderr. Ends early when all tasks have ended. Returns 0.
int watch(const std::string& pids, int after_s);

}  // namespace warpstep::cli
