// SPDX-License-Identifier: Apache-2.0
// Slurm's header for SPANK plugins, for C++.
#pragma once

// The header leaves the linkage of its hooks to the includer.
extern "C" {
#include <slurm/spank.h>

// From Slurm 23.11 on; a null pointer in an older slurmstepd.
spank_err_t spank_prepend_task_argv(spank_t spank, int argc, const char* argv[])
    __attribute__((weak));
}
