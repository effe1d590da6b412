// SPDX-License-Identifier: Apache-2.0
// The hooks that Slurm finds by name.
#include "slurm/spank/plugin.hpp"

#include <exception>

#include "runtime/process/failure.hpp"

extern "C" {
extern const char plugin_name[];
extern const char plugin_type[];
extern const unsigned int plugin_version;
extern const unsigned int spank_plugin_version;
SPANK_PLUGIN(warpstep, 1)
}

namespace {

using namespace warpstep::spank;

// Slurm gives its hooks no place to keep anything.
Plugin plugin;

int on_option(int, const char* argument, int) {
    try {
        return accept_option(plugin, argument);
    } catch (...) {
        return 0;
    }
}

char option_name[] = "warpstep-bind";
char option_argument[] = "WORDS";
char option_usage[] =
    "give each task its GPU and the cores and memory near it, and export its place (visible=one, "
    "omp=1, cpus-per-task=N, gpus-per-task=N, smt=N, share=N, interleave, explain, off; default "
    "WARPSTEP_BIND)";
spank_option option = {option_name, option_argument, option_usage, 2, 0, on_option};

bool takes_part(spank_context_t context) {
    return context == S_CTX_LOCAL || context == S_CTX_ALLOCATOR || context == S_CTX_REMOTE;
}

/// A wrong line in plugstack.conf must not break the commands of those who ask for nothing.
void read_settings(int count, char* words[]) {
    try {
        plugin.settings = parse_settings(std::vector<std::string_view>(words, words + count));
    } catch (const warpstep::process::Failure& failure) {
        plugin.problem = failure.what();
        if (spank_context() != S_CTX_REMOTE) slurm_error("warpstep: %s", failure.what());
    }
}

}  // namespace

extern "C" int slurm_spank_init(spank_t spank, int count, char* words[]) {
    if (!takes_part(spank_context())) return 0;
    plugin = {};
    try {
        read_settings(count, words);
    } catch (const std::exception& error) {
        slurm_error("warpstep: %s", error.what());
    }
    if (spank_option_register(spank, &option) != ESPANK_SUCCESS)
        slurm_error("warpstep: cannot register --warpstep-bind (another plugin has it)");
    return 0;
}

extern "C" int slurm_spank_user_init(spank_t spank, int, char*[]) {
    try {
        prepare_step(plugin, spank);
    } catch (const std::exception& error) {
        slurm_error("warpstep: %s", error.what());
    }
    return 0;
}

extern "C" int slurm_spank_task_init(spank_t spank, int, char*[]) {
    try {
        start_task(plugin, spank);
    } catch (const std::exception& error) {
        slurm_error("warpstep: %s", error.what());
    }
    return 0;
}
