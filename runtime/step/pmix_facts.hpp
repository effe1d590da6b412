// SPDX-License-Identifier: Apache-2.0
// What PMIx says about this task and its peers, as a value that a test can build by hand.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace warpstep::step {

struct PmixFacts {
    std::string name_space;
    int rank = 0;
    int size = 1;
    std::optional<int> local_rank;  ///< nothing when the server does not serve it
    std::optional<int> local_size;
    std::vector<std::string> node_names;
    std::vector<std::vector<int>> node_ranks;  ///< ranks of each node, ascending
    std::optional<std::string> contradiction;  ///< see find_contradiction()
};

/// Asks the server of the open session for the job-level keys; hangs on none of them.
/// Errors: EnvironmentError that names the key without which nobody knows who is where.
PmixFacts read_pmix_facts(const std::string& name_space, int rank);

/// Where the lists of peers contradict the hosts of the ranks: "rank 2 is on n1 but listed on n3".
/// Slurm 22.05 numbers the nodes of a heterogeneous step in the order of its components but lists
/// them by name, so that it files ranks under the wrong nodes, and sends to the wrong nodes,
/// whenever these orders differ. `host_of`: what the server says of one rank's node, which is
/// right, or "" where it does not say; asked for the first and the last rank of each node and for
/// `facts.rank`. Pure but for host_of.
std::optional<std::string> find_contradiction(const PmixFacts& facts,
                                              const std::function<std::string(int rank)>& host_of);

/// The ranks in "0,2,3" or "0-3,7", ascending. Errors: EnvironmentError for anything else.
std::vector<int> parse_ranks(const std::string& list);

}  // namespace warpstep::step
