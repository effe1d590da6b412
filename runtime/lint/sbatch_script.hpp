// SPDX-License-Identifier: Apache-2.0
// An sbatch script as a value: what it asks for, what it starts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/lint/shell_commands.hpp"
#include "runtime/lint/slurm_options.hpp"

namespace warpstep::check::lint {

/// A program that the script starts, alone or through srun.
struct Launch {
    int line = 0;
    bool through_srun = false;
    Options options;  ///< srun's
    std::vector<std::string> program;
    std::vector<Assignment> assignments;
    bool background = false;

    /// "torchrun" of "/opt/bin/torchrun", "torchrun" of "python -m torch.distributed.run" as well.
    std::string program_name() const;
};

struct Script {
    Options directives;                ///< #SBATCH lines that sbatch reads
    std::vector<Option> late;          ///< #SBATCH lines after the first command: ignored by sbatch
    std::vector<Launch> launches;      ///< in the order of the text
    std::vector<Assignment> exported;  ///< export NAME=VALUE, and assignments alone on a line
    std::vector<std::string> unset;
    std::vector<int> waits;  ///< lines of `wait`
    bool traps = false;      ///< it has a `trap` for a signal
    std::string text;

    std::optional<int> nodes() const;     ///< as asked for, 1 when nothing says so
    std::optional<int> tasks() const;     ///< of the job, nothing when it cannot be told
    std::optional<int> per_node() const;  ///< tasks
    bool asks_for_gpus() const;
};

/// Never fails: what is no script has no directives and no launches.
Script read_script(std::string_view text);

}  // namespace warpstep::check::lint
