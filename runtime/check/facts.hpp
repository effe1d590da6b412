// SPDX-License-Identifier: Apache-2.0
// Everything the rules look at: the facts of all ranks and nodes of one step.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/check/measurement.hpp"
#include "runtime/check/node_facts.hpp"
#include "runtime/check/program_facts.hpp"
#include "runtime/check/rank_facts.hpp"

namespace warpstep::check {

/// What the caller has announced, which some rules are judged against.
struct Intent {
    std::string level = "quick";                ///< "quick", "standard", "full"
    bool checkpoints = false;                   ///< a workload with a checkpoint is to run
    std::optional<double> run_s;                ///< how long it will take
    std::optional<int> share;                   ///< tasks per GPU that are wanted
    std::optional<std::uint64_t> pinned_bytes;  ///< per rank
    std::string watched_step;                   ///< "48.0" for `check --step`
    bool as_root = false;
};

struct Facts {
    Intent intent;
    int size = 1;                   ///< ranks that the step should have
    std::vector<RankFacts> ranks;   ///< those that answered, ascending
    std::vector<int> silent_ranks;  ///< those that did not, ascending
    std::string silence;            ///< where they should have been and how long we waited
    std::vector<NodeFacts> nodes;
    std::vector<ProgramFacts> programs;  ///< of another step, or of the diagnosed command
    std::vector<Sample> samples;
    std::vector<Floor> floors;
    std::vector<BaselineEntry> baseline;

    const RankFacts* rank(int number) const;
    const NodeFacts* node(const std::string& name) const;
    /// Ranks on a node, ascending.
    std::vector<const RankFacts*> ranks_on(const std::string& node_name) const;
    /// In a Slurm job, by any rank's environment.
    bool in_slurm() const;
};

/// The variable of a rank or program, nothing when it is not set.
std::optional<std::string> variable(const std::map<std::string, std::string>& env,
                                    const char* name);
/// Its number; nothing when it is not set or no whole number.
std::optional<int> number(const std::map<std::string, std::string>& env, const char* name);

}  // namespace warpstep::check
