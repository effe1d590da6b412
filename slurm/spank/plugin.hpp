// SPDX-License-Identifier: Apache-2.0
// What Slurm calls, by context. Nothing here throws into Slurm, and only a malformed option that
// srun, sbatch or salloc was given fails a command.
#pragma once

#include <optional>
#include <string>

#include "slurm/spank/api.hpp"
#include "slurm/spank/settings.hpp"
#include "slurm/spank/wish.hpp"

namespace warpstep::spank {

/// What the plugin knows in one process. A task's process inherits what slurmstepd had found out.
struct Plugin {
    std::optional<Settings> settings;  ///< nothing: plugstack.conf is wrong, stay passive
    std::string problem;               ///< why tasks stay unplaced although somebody asked
    std::optional<Wish> option;        ///< --warpstep-bind
    std::vector<std::string> options;  ///< of `warpstep exec`
    std::string meeting;  ///< the same for the tasks of this launch on this node, and for no other
    bool active = false;  ///< tasks are to be placed
};

/// One line on the user's terminal.
void say(const std::string& line);

/// srun, sbatch, salloc: the argument of --warpstep-bind is right or the command fails.
int accept_option(Plugin& plugin, const char* argument);

/// slurmstepd, once per step: decides whether this step's tasks are to be placed.
void prepare_step(Plugin& plugin, spank_t spank);

/// slurmstepd's child that becomes the task, as the user, after Slurm bound it: places it, or says
/// why not and lets it run as it is.
void start_task(const Plugin& plugin, spank_t spank);

}  // namespace warpstep::spank
