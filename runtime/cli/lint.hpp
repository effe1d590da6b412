// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>

#include <string>
#include <vector>

namespace warpstep::cli {

struct LintOptions {
    std::vector<std::string> files;  ///< "-": stdin
    std::string slurm_version;       ///< "": that of srun here, else the newest that is known
    bool json = false;
};

CLI::App* add_lint(CLI::App& app, LintOptions& options);

/// What will go wrong with sbatch scripts, by line. 1 with a warning, 0 without. Errors:
/// ConfigError for a file that cannot be read and a version that is none.
int lint(const LintOptions& options);

}  // namespace warpstep::cli
