// SPDX-License-Identifier: Apache-2.0
#include "runtime/step/discover.hpp"

#include <algorithm>
#include <string_view>

#include "runtime/base/error.hpp"

namespace warpstep::step {
namespace {

constexpr std::string_view slurm_prefix = "slurm.pmix.";

bool is_slurm_name_space(std::string_view name_space) {
    return name_space.substr(0, slurm_prefix.size()) == slurm_prefix;
}

std::string show_place(const Environment& environment) {
    if (!environment.proc_id) return fmt::format("on {}", environment.node());
    return fmt::format("rank {} on {}", *environment.proc_id, environment.node());
}

std::string show_step(const Environment& environment) {
    if (!environment.in_step()) return fmt::format("job {} outside a step", environment.job_id);
    return fmt::format("job {} step {}", environment.job_id, environment.step_id);
}

bool is_of_this_step(const Environment& environment) {
    if (!environment.in_step()) return false;
    const auto name_of = [&](const std::string& job) {
        return fmt::format("{}{}.{}", slurm_prefix, job, environment.step_id);
    };
    return environment.pmix_name_space == name_of(environment.job_id) ||
           (environment.heterogeneous() &&
            environment.pmix_name_space == name_of(environment.component_job_id));
}

void refuse_disagreement(const Environment& environment, std::string_view pmix_name, int pmix_value,
                         const char* variable, const std::optional<int>& value) {
    if (!value || *value == pmix_value) return;
    fail<EnvironmentError>(
        "PMIx says {} {} but {} is {} ({}; the variable was changed or belongs to another step); "
        "clear it with env -u {}, or start the task again with srun --mpi=pmix",
        pmix_name, pmix_value, variable, *value, show_place(environment), variable);
}

void compare_with_slurm(const Environment& environment, const PmixFacts& facts, int local_rank) {
    // In a heterogeneous job the counts may be those of one component.
    if (!environment.heterogeneous()) {
        refuse_disagreement(environment, "size", facts.size, "SLURM_STEP_NUM_TASKS",
                            environment.step_tasks);
        refuse_disagreement(environment, "size", facts.size, "SLURM_NTASKS", environment.tasks);
    }
    refuse_disagreement(environment, "rank", facts.rank, "SLURM_PROCID", environment.proc_id);
    refuse_disagreement(environment, "local rank", local_rank, "SLURM_LOCALID",
                        environment.local_id);
}

void refuse_incomplete_layout(const PmixFacts& facts) {
    std::vector<int> times(static_cast<std::size_t>(std::max(facts.size, 0)));
    for (const auto& ranks : facts.node_ranks) {
        for (const int rank : ranks) {
            if (rank < 0 || rank >= facts.size) {
                fail<EnvironmentError>(
                    "PMIx lists rank {} in a step of {} ranks (the launcher's layout is broken); "
                    "see "
                    "srun --mpi=list for another PMIx plugin",
                    rank, facts.size);
            }
            ++times[static_cast<std::size_t>(rank)];
        }
    }
    for (std::size_t rank = 0; rank < times.size(); ++rank) {
        if (times[rank] == 1) continue;
        fail<EnvironmentError>(
            "PMIx lists rank {} on {} nodes (the launcher's layout is broken); see srun --mpi=list "
            "for "
            "another PMIx plugin",
            rank, times[rank]);
    }
}

Step step_of(const PmixFacts& facts) {
    refuse_incomplete_layout(facts);
    Step step;
    step.launcher = Launcher::pmix;
    step.rank = facts.rank;
    step.size = facts.size;
    step.node_names = facts.node_names;
    step.node_ranks = facts.node_ranks;
    step.name_space = facts.name_space;
    step.node = step.node_of(facts.rank);
    const auto& here = step.node_ranks[static_cast<std::size_t>(step.node)];
    step.local_size = static_cast<int>(here.size());
    const auto position = std::lower_bound(here.begin(), here.end(), facts.rank) - here.begin();
    step.local_rank = facts.local_rank.value_or(static_cast<int>(position));
    if (facts.local_size && *facts.local_size != step.local_size) {
        fail<EnvironmentError>(
            "PMIx counts {} ranks on {} but lists {} (the launcher's layout is broken); see "
            "srun --mpi=list for another PMIx plugin",
            *facts.local_size, step.node_name(), step.local_size);
    }
    return step;
}

void refuse_missing_server(const Environment& environment) {
    const int tasks = environment.task_count();
    if (environment.in_step() && (tasks > 1 || environment.proc_id.value_or(0) > 0)) {
        const std::string count = tasks > 1 ? fmt::format(" of {} tasks", tasks) : "";
        // Slurm leaves the variable unset under --mpi=none, and only there.
        const std::string type = environment.mpi_type.empty() ? "none" : environment.mpi_type;
        fail<EnvironmentError>(
            "no PMIx server in this step{} ({}; MPI type '{}'); start it with srun --mpi=pmix, and "
            "see "
            "srun --mpi=list",
            count, show_place(environment), type);
    }
    if (!environment.pmix_name_space.empty()) {
        fail<EnvironmentError>(
            "no PMIx server answers for '{}' (PMIX_NAMESPACE is set, but its step has ended or is "
            "on "
            "another node); start with srun --mpi=pmix or mpirun, or clear it with env -u "
            "PMIX_NAMESPACE -u PMIX_RANK",
            environment.pmix_name_space);
    }
}

void refuse_confused_nodes(const Environment& environment, const PmixFacts& facts) {
    // Elsewhere a host may merely have a longer name than its node.
    if (!environment.heterogeneous() || !facts.contradiction) return;
    fail<EnvironmentError>(
        "this Slurm's PMIx takes the nodes of a heterogeneous step for each other ({}; the nodes "
        "of "
        "the components are not in the order of their names); choose them in that order, as in "
        "salloc -w n1 : -w n2, or run each component as a step of its own with --het-group=0",
        *facts.contradiction);
}

// Nothing says whether it is meant: srun takes the first component when no other is asked for.
void hint_at_other_components(const Environment& environment, Identity& identity) {
    const int tasks = identity.step.size;
    if (!environment.first_component_only || environment.job_tasks.value_or(0) <= tasks) return;
    identity.hints.push_back(fmt::format(
        "this step has {} of the {} tasks of a heterogeneous job (srun starts the first component "
        "unless told otherwise); for one step over all of it type srun --het-group=0-{}",
        tasks, *environment.job_tasks, *environment.components - 1));
}

}  // namespace

bool has_stale_variables(const Environment& environment) {
    return environment.in_job() && is_slurm_name_space(environment.pmix_name_space) &&
           !is_of_this_step(environment);
}

void refuse_stale_variables(const Environment& environment) {
    if (!has_stale_variables(environment)) return;
    fail<EnvironmentError>(
        "PMIX_NAMESPACE is '{}' but this is {} ({}; variables of another step were inherited); "
        "clear "
        "them with env -u PMIX_NAMESPACE -u PMIX_RANK, or submit with sbatch --export=NIL",
        environment.pmix_name_space, show_step(environment), show_place(environment));
}

Identity identify(const Environment& environment, const std::optional<PmixFacts>& facts) {
    refuse_stale_variables(environment);
    Identity identity;
    identity.hints = environment.notes;
    if (facts) {
        refuse_confused_nodes(environment, *facts);
        identity.step = step_of(*facts);
        // Under mpirun inside a job the SLURM_* variables of a task describe mpirun's daemon.
        if (is_slurm_name_space(facts->name_space)) {
            compare_with_slurm(environment, *facts, identity.step.local_rank);
            if (facts->rank == 0) hint_at_other_components(environment, identity);
        }
    } else {
        refuse_missing_server(environment);
        identity.step.node_names = {environment.host_name};
        if (environment.in_job() && !environment.in_step() && environment.task_count() > 1) {
            identity.hints.push_back(fmt::format(
                "started in the batch script without srun, so this is one task of {}; type srun "
                "--mpi=pmix before the command",
                environment.task_count()));
        }
    }
    identity.step.job_id = environment.job_id;
    identity.step.step_id = environment.step_id;
    identity.step.restart_count = environment.restart_count.value_or(0);
    return identity;
}

}  // namespace warpstep::step
