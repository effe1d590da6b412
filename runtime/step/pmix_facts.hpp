// SPDX-License-Identifier: Apache-2.0
// What PMIx says about this task and its peers, as a value that a test can build by hand.
#pragma once

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
};

/// Asks the server of the open session for the job-level keys; hangs on none of them.
/// Errors: EnvironmentError that names the key without which nobody knows who is where.
PmixFacts read_pmix_facts(const std::string& name_space, int rank);

/// The ranks in "0,2,3" or "0-3,7", ascending. Errors: EnvironmentError for anything else.
std::vector<int> parse_ranks(const std::string& list);

}  // namespace warpstep::step
