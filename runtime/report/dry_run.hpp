// SPDX-License-Identifier: Apache-2.0
// What every rank would do, said without doing it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/plan/rank_plan.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::report {

struct DryRun {
    const workload::Workload& workload;
    int ranks = 1, nodes = 1;
    std::string ranks_by = {};  ///< who says so many: "--ranks"; "" where nobody does
    plan::PlanFacts facts = {};
    std::string topology = {};       ///< the file of the ranks' nodes; "" without one
    bool device_is_here = true;      ///< false: a GPU that only the ranks will have
    std::uint64_t combinations = 1;  ///< of the matrix; the programs are those of the first
    std::vector<std::shared_ptr<const plan::RankPlan>> programs = {};  ///< in rank order
    std::vector<std::string> notes = {};      ///< what to know about the facts
    std::vector<std::string> unchecked = {};  ///< what only the nodes of the ranks can tell
    std::vector<std::string> problems = {};   ///< why it would be refused
};

/// For people: what is the same on all ranks once, what differs with the ranks it holds for.
/// `width`: columns of the terminal.
std::string dry_run_text(const DryRun& run, std::size_t width, bool colours);
/// For programs: ranks that would do the same are one entry of "programs".
std::string dry_run_json(const DryRun& run);

}  // namespace warpstep::report
