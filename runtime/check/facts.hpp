// SPDX-License-Identifier: Apache-2.0
// Everything the rules look at: the facts of all ranks and nodes of one step.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
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

struct GpuView;
/// What was worked out of complete facts and is asked for by many rules.
struct Memo {
    const RankFacts* of = nullptr;  ///< the ranks it belongs to: not those of a copy
    std::unordered_map<const RankFacts*, std::shared_ptr<const GpuView>> views;
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

    /// Prepares the lookups by node, and remembers what each rank sees, of what is complete: for
    /// thousands of ranks. Nothing may be changed afterwards.
    void index();

    const RankFacts* rank(int number) const;
    const NodeFacts* node(const std::string& name) const;
    /// Ranks on a node, ascending.
    std::vector<const RankFacts*> ranks_on(const std::string& node_name) const;
    /// In a Slurm job, by any rank's environment.
    bool in_slurm() const;

    /// Of index(): positions in `nodes` and `ranks` by the node's name.
    struct Positions {
        std::size_t node = 0;
        std::vector<std::size_t> ranks;
    };
    std::unordered_map<std::string, Positions> by_node;
    std::size_t indexed_ranks = 0;
    std::shared_ptr<Memo> memo;  ///< nullptr without index()
};

/// The variable of a rank or program, nothing when it is not set.
std::optional<std::string> variable(const std::map<std::string, std::string>& env,
                                    const char* name);
/// Its number; nothing when it is not set or no whole number.
std::optional<int> number(const std::map<std::string, std::string>& env, const char* name);

}  // namespace warpstep::check
