// SPDX-License-Identifier: Apache-2.0
// What the launcher's variables say about this task. Claims only: discover.hpp checks them against
// PMIx.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warpstep::step {

/// The value of a variable, nothing when it is not set. Injected, so that tests need no real
/// environment.
using Lookup = std::function<std::optional<std::string>(const char* name)>;

struct Environment {
    std::string host_name;  ///< of gethostname(), not of a variable

    std::string job_id;                ///< SLURM_JOB_ID
    std::optional<int> restart_count;  ///< SLURM_RESTART_COUNT
    std::string step_id;    ///< SLURM_STEP_ID, "" outside a step of tasks (batch script, salloc)
    std::string mpi_type;   ///< SLURM_MPI_TYPE
    std::string node_name;  ///< SLURMD_NODENAME
    std::optional<int> proc_id;     ///< SLURM_PROCID
    std::optional<int> local_id;    ///< SLURM_LOCALID
    std::optional<int> node_id;     ///< SLURM_NODEID
    std::optional<int> nodes;       ///< SLURM_STEP_NUM_NODES
    std::optional<int> tasks;       ///< SLURM_NTASKS
    std::optional<int> step_tasks;  ///< SLURM_STEP_NUM_TASKS
    std::optional<int> node_tasks;  ///< of the step on this node, as far as the launcher says
    std::optional<int> components;  ///< SLURM_HET_SIZE; set in heterogeneous jobs only
    std::string
        component_job_id;  ///< SLURM_HET_JOB_ID: the job that names the PMIx namespace there
    std::optional<int> job_tasks;       ///< of all components together, in heterogeneous jobs only
    bool first_component_only = false;  ///< the step runs on the nodes of the first component

    std::optional<int> pmix_rank;  ///< PMIX_RANK
    std::string pmix_name_space;   ///< PMIX_NAMESPACE

    std::vector<std::string>
        notes;  ///< one line per number that could not be read; it counts as absent

    bool in_job() const { return !job_id.empty(); }
    bool in_step() const { return in_job() && !step_id.empty(); }
    bool heterogeneous() const { return components.has_value(); }
    /// How many tasks the step (or, outside one, the job) has; 1 when nothing says so.
    int task_count() const { return step_tasks ? *step_tasks : tasks.value_or(1); }
    /// The name by which people know this node: Slurm's, else the host's.
    const std::string& node() const { return node_name.empty() ? host_name : node_name; }
};

/// The number of tasks on a node in a list such as "4(x2),3"; nothing for what is no such list or a
/// node outside it. Source: srun(1), SLURM_STEP_TASKS_PER_NODE.
std::optional<int> tasks_on_node(std::string_view list, int node);

/// Whether such a list gives every node the same number of tasks, so that no order matters.
bool is_even(std::string_view tasks_per_node);

/// Never throws for a bad value: see Environment::notes.
Environment read_environment(const Lookup& lookup);
/// The environment of this process and its host name.
Environment read_environment();

}  // namespace warpstep::step
