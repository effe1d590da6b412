// SPDX-License-Identifier: Apache-2.0
// From a workload to what its ranks will do. A run plans one rank, a dry run plans all.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/plan/known_plans.hpp"
#include "runtime/plan/rank_plan.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::plan {

/// Plans the ranks of one step. Both arguments outlive it and its plans.
class Planner {
  public:
    /// Errors: ConfigError with the place: steps that have no order.
    Planner(const workload::Workload& workload, const PlanFacts& facts);

    /// One rank's. Ranks for which all that was asked has the same answers share a plan. Errors:
    /// ConfigError with the place, for what cannot even be planned: an expression or a size that
    /// does not work.
    std::shared_ptr<RankPlan> plan(const step::Step& step);

  private:
    const workload::Workload& workload_;
    const PlanFacts& facts_;
    std::vector<Problem> of_file_;   ///< whatever the rank
    std::set<std::string> reached_;  ///< activities and devices without hazards
    KnownPlans known_;
};

/// Throws the first problem. Errors: that.
void refuse_problems(const RankPlan& plan);

/// All ranks of a step, with the members of every group. Errors: as Planner.
struct StepPlans {
    std::vector<std::shared_ptr<const RankPlan>> ranks;
    std::vector<Problem> problems;  ///< of all of them, each once, and where they would not meet
    std::vector<std::string> unchecked;  ///< the same
};
StepPlans plan_all(const workload::Workload& workload, const std::vector<step::Step>& steps,
                   const PlanFacts& facts);

}  // namespace warpstep::plan
