// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>

#include "runtime/cli/exec_environment.hpp"
#include "runtime/cli/lead.hpp"

namespace warpstep::cli {

struct ExecOptions {
    LeadOptions lead;
    ExecPolicy policy;
    bool bind = true;
    /// Seconds after the start at which each node says what the commands really use; 0: it does
    /// not.
    int diagnose_after_s = 0;
    bool print = false;  ///< say what would be done instead of doing it
    /// argv after "--", nullptr without one; borrowed from main.
    char* const* command = nullptr;
};

CLI::App* add_exec(CLI::App& app, ExecOptions& options);

/// With `print`: "bind CPUS", "memory NODES" and "set NAME=VALUE" lines on every task's stdout,
/// from the launcher's variables alone; for launchers that bind and export themselves. Otherwise:
/// places and binds every task of the step, exports their places and becomes the command. Returns
/// only when something was refused, or the command cannot be started (126, 127).
int exec(const ExecOptions& options);

}  // namespace warpstep::cli
