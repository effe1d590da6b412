// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/cli/options.hpp"

namespace warpstep::cli {

/// Shows the program of every rank and everything that would be refused, in this one process: no
/// peers, no device is opened, nothing is bound or allocated; users' kernels are compiled where the
/// GPU is known. In a job step rank 0 speaks for all.
/// Returns 0, or 2 where the run would be refused. Errors: ConfigError for what cannot even be
/// planned; EnvironmentError when the output cannot be written.
int dry_run(const RunOptions& options);

}  // namespace warpstep::cli
