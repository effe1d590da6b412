// SPDX-License-Identifier: Apache-2.0
// Options of sbatch and srun under their long names.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace warpstep::check::lint {

struct Option {
    std::string value;  ///< "" for a flag
    int line = 0;
};

/// By long name without dashes ("ntasks-per-node"); the last of several counts.
using Options = std::map<std::string, Option>;

/// The options that `words` begins with, and what follows them: srun's command. Short ones (-n4, -n
/// 4, -N 2) get their long names; of an unknown option only a value after "=" is taken. Source:
/// sbatch(1) and srun(1) of Slurm 22.05 to 25.05.
Options slurm_options(const std::vector<std::string>& words, int line,
                      std::vector<std::string>* rest = nullptr);

/// A whole number; nothing for other text ("$N", "h100:2").
std::optional<int> whole(const Options& options, const char* name);
const Option* find(const Options& options, const char* name);

}  // namespace warpstep::check::lint
