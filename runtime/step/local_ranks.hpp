// SPDX-License-Identifier: Apache-2.0
// `--local-ranks N`: a step of N ranks on this machine without a launcher.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "runtime/step/shared_mapping.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::step {

struct LocalRank {
    Step step;
    SharedMapping shared;  ///< zeroed, the same memory in all ranks
};

/// What survivors get when a rank was killed by a signal: first time to notice it by themselves and
/// report, then SIGTERM, then SIGKILL.
struct Grace {
    std::chrono::milliseconds to_notice{10'000};
    std::chrono::milliseconds to_terminate{5'000};
};

/// Forks `count` children; each returns as a rank. The parent stays inside until the last has
/// ended, passes SIGTERM, SIGINT and SIGUSR1 on to them, and returns nothing, with the largest exit
/// code (128 + n for signal n) in `exit_code`. Call before any thread exists, because fork() copies
/// only the calling one. When the parent dies, its ranks get SIGTERM. Errors: ConfigError for count
/// < 1, EnvironmentError when the system refuses memory or processes.
std::optional<LocalRank> start_local_ranks(int count, std::size_t shared_bytes, int& exit_code,
                                           Grace grace = {});

}  // namespace warpstep::step
