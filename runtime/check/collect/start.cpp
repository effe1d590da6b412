// SPDX-License-Identifier: Apache-2.0
// Who started this task: what its variables and its cgroup say together.
#include <dlfcn.h>

#include "runtime/check/collect/files.hpp"
#include "runtime/check/collect/parts.hpp"
#include "runtime/check/collect/process.hpp"

namespace warpstep::check {

namespace {

bool has(const Sources& sources, const char* name) {
    return sources.env.contains(name);
}

/// A launcher of an MPI library, inside a step or without Slurm.
bool by_mpirun(const Sources& sources) {
    const std::string name_space = variable(sources.env, "PMIX_NAMESPACE").value_or("");
    return has(sources, "OMPI_COMM_WORLD_RANK") || has(sources, "HYDI_CONTROL_FD") ||
           (!name_space.empty() && name_space.rfind("slurm.", 0) != 0) ||
           (has(sources, "PMI_RANK") && !has(sources, "SLURM_STEP_ID"));
}

/// Slurm numbers steps from 0; those of its own have the largest numbers. Source: slurm.h.
bool is_own_step(const std::string& step) {
    constexpr std::int64_t least_special = 0xfffffff0;
    const auto value = number_in(step);
    return value && *value >= least_special;
}

std::string starter(const Sources& sources, const Membership& cgroup) {
    const std::string step = variable(sources.env, "SLURM_STEP_ID").value_or("");
    // pam_slurm_adopt puts a login into the step that exists for it.
    if (cgroup.step == "extern") return "ssh";
    if (by_mpirun(sources)) return "mpirun";
    if (!has(sources, "SLURM_JOB_ID")) return "none";
    if (cgroup.step == "batch") return "batch";
    if (!step.empty() && !is_own_step(step)) {
        // A shell that took some of a step's variables with it is no task of it.
        return has(sources, "SLURM_PROCID") ? "step" : "ssh";
    }
    // salloc's shell has a job but no process of it; the batch script is process 0.
    return has(sources, "SLURM_PROCID") && step.empty() ? "batch" : "allocation";
}

}  // namespace

void collect_start(const Sources& sources, RankFacts& facts) {
    facts.cgroup = job_cgroup(text_of(sources.proc + "/self/cgroup").value_or(""));
    facts.started_by = starter(sources, membership_in(facts.cgroup));
    if (const auto folder = variable(sources.env, "PMIX_SERVER_TMPDIR"))
        facts.pmix_directory_exists = exists(*folder);
    const std::string security = variable(sources.env, "PMIX_SECURITY_MODE").value_or("");
    if (security.rfind("munge", 0) == 0) {
        void* const library = ::dlopen("libmunge.so.2", RTLD_LAZY | RTLD_LOCAL);
        facts.munge_plugin_loads = library != nullptr;
        if (library) ::dlclose(library);
    }
}

}  // namespace warpstep::check
