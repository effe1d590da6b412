// SPDX-License-Identifier: Apache-2.0
// srun, sbatch and salloc. slurmstepd gets here, too, with what they accepted.
#include "runtime/process/failure.hpp"
#include "slurm/spank/plugin.hpp"

namespace warpstep::spank {

void say(const std::string& line) {
    slurm_spank_log("warpstep: %s", line.c_str());
}

int accept_option(Plugin& plugin, const char* argument) {
    // Without "=..." some releases hand over a null pointer and some their word for it.
    const std::string text = argument == nullptr ? "" : argument;
    try {
        plugin.option = parse_wish(text == "(null)" ? "" : text);
        return 0;
    } catch (const process::Failure& failure) {
        if (spank_context() == S_CTX_REMOTE) {
            plugin.option = Wish{};
            plugin.problem = failure.what();
            return 0;
        }
        slurm_error("--warpstep-bind=%s: %s", text.c_str(), failure.what());
        return -1;
    }
}

}  // namespace warpstep::spank
