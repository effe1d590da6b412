// SPDX-License-Identifier: Apache-2.0
// Who am I? The identity of one task in its step, as a value.
#pragma once

#include <string>
#include <vector>

namespace warpstep::step {

enum class Launcher {
    single,       ///< one task, no launcher
    local_ranks,  ///< --local-ranks N: N ranks of this machine, started by us
    pmix,         ///< srun --mpi=pmix or mpirun
    given         ///< a child that was told its peers: given_peers.hpp
};

struct Step {
    Launcher launcher = Launcher::single;
    int rank = 0;
    int size = 1;
    int local_rank = 0;
    int local_size = 1;
    int node = 0;                                   ///< index into node_names
    std::vector<std::string> node_names{""};        ///< node_names.size() is the number of nodes
    std::vector<std::vector<int>> node_ranks{{0}};  ///< ranks of each node, ascending
    /// The numbers by which people know these ranks, where they stand for ranks of a larger step;
    /// empty: their own.
    std::vector<int> known_as;
    std::string name_space;       ///< PMIx namespace, "" outside a launcher
    std::string job_id, step_id;  ///< of Slurm, "" outside Slurm
    int restart_count = 0;        ///< times that Slurm has requeued the job

    int nodes() const { return static_cast<int>(node_names.size()); }
    const std::string& node_name() const { return node_names[static_cast<std::size_t>(node)]; }
    /// The node index of another rank. Errors: LogicError for a rank outside 0..size-1.
    int node_of(int other_rank) const;
};

/// These ranks of a step (ascending) as a step of their own; `known_as` keeps their numbers. The
/// rank of the result is that of this task, -1 when it is none of them. Pure. Errors: LogicError
/// for a rank that the step has not.
Step part_of(const Step& step, const std::vector<int>& ranks);

/// "rank 3 on n2"
std::string show_speaker(const Step& step);

}  // namespace warpstep::step
