// SPDX-License-Identifier: Apache-2.0
// What `exec` exports: the variables by which other programs learn their place. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/process/launch.hpp"

namespace warpstep::cli {

/// Which GPUs a task's program sees.
enum class Visible {
    all,      ///< every GPU of the step on this node, in one order: that of the local ranks
    one,      ///< its own only; LOCAL_RANK stays
    rotated,  ///< all, its own first
    virtual_  ///< its own only, and LOCAL_RANK is 0
};
/// OMP_NUM_THREADS: the task's cores, 1, or untouched.
enum class OmpThreads { cores, one, keep };
/// Whether Lightning shall see torchrun's variables or Slurm's.
enum class Lightning { slurm, elastic };

/// Everything about one task that its variables say.
struct TaskPlace {
    int rank = 0, size = 1, local_rank = 0, local_size = 1, node = 0, nodes = 1;
    std::string job, step;
    std::vector<std::string> own_gpus;   ///< names for CUDA_VISIBLE_DEVICES; empty: no GPUs
    std::vector<std::string> node_gpus;  ///< of all tasks, in the order of local ranks, idle last
    std::string gpu_pci;                 ///< of its first GPU
    std::string cpus;                    ///< OS indices
    int cores = 1;
    std::vector<int> numa;
    std::string nic;
    std::string placement_hash;
    std::string master_address;  ///< "": not known, nothing is said about it
    int master_port = 0, jax_port = 0;
    std::string interface;  ///< over which the nodes were reached; "" for one node
};

struct ExecPolicy {
    Visible visible = Visible::all;
    OmpThreads omp = OmpThreads::cores;
    Lightning lightning = Lightning::slurm;
};

/// The environment of the user, NAME -> value.
using Variables = std::map<std::string, std::string>;

/// Errors: none. What identifies the task replaces what is there; what tunes a library (OMP_*,
/// NCCL_*, MASTER_* that are set) is the user's and stays.
std::vector<process::Change> exported(const TaskPlace& place, const ExecPolicy& policy,
                                      const Variables& users);

/// Lines for the user: variables that had another value, and programs or settings that bind again.
std::vector<std::string> conflicts(const std::vector<process::Change>& changes,
                                   const Variables& users, const std::vector<std::string>& command,
                                   const TaskPlace& place);

}  // namespace warpstep::cli
