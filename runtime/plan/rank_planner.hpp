// SPDX-License-Identifier: Apache-2.0
// The planning of one rank; private to this room.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/plan/hazards.hpp"
#include "runtime/plan/rank_plan.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::plan {

/// Knows the rank by its scope alone, so that another rank with the same answers has the same plan.
class RankPlanner {
  public:
    /// Evaluates the params and cuts the datasets. Errors: ConfigError with the place.
    RankPlanner(const workload::Workload& workload, const step::Step& step, const PlanFacts& facts);

    const RankScope& scope() const { return plan_->lanes.front().scope; }
    /// The plan, once; names that are asked for are added to `asked`. `reached`: what was active
    /// where on ranks without hazards. Errors: ConfigError with the place.
    std::shared_ptr<RankPlan> operator()(Asked& asked, std::set<std::string>& reached);

  private:
    /// What a step takes over from the containers around it.
    struct Around {
        std::string number, condition;
        bool looped = false;
        std::size_t depth = 0;
        std::vector<CollectiveNote::Turns> turns;
    };
    void plan_datasets(int rank);
    void ask_for_shown();
    /// Decided of a step that the rank comes to.
    struct Reached {
        bool active = false;
        std::optional<int> device;  ///< its own, or that of a container around it
        bool falls_back = false;    ///< it is not there
    };
    void reach(const std::vector<workload::Step>& steps, const Reached& around);
    void check_hazards_once(std::set<std::string>& reached);
    void plan_buffers_of_lanes();
    void check_memory_of_lanes();
    void add(const std::vector<workload::Step>& steps, const Around& around);
    void add(const workload::Step& spec, Around around);
    void decide(StepPlan& step);
    void check(StepPlan& step);
    void check_on(const StepPlan& step, const LanePlan& lane);
    void note(StepPlan& step, const Around& around);
    void note_dataset(const workload::Step& spec, CollectiveNote& note) const;
    void note_probe(const Probe& probe);
    std::optional<std::size_t> message_bytes(const workload::Step& spec) const;
    void plan_loops(StepPlan& step, Around& around);
    void plan_references(std::size_t index);
    const workload::Step* last_writer(std::size_t index, const std::string& buffer,
                                      int device) const;
    void plan_probes();
    void check_probe_on_lanes(const Probe& probe,
                              const std::map<std::string, std::int64_t>& weights) const;
    void fit(const workload::Step& spec, const LanePlan& lane,
             const std::vector<BufferPlan>& buffers);
    void leave_unchecked(const std::string& question);
    void check_launch(StepPlan& step, const workload::KernelSpec& kernel);
    StepFacts facts_of_steps() const;
    int devices() const { return static_cast<int>(plan_->lanes.size()); }
    /// Whether there is one; it is kept.
    template <typename Check>
    bool find_problem(const Check& check);
    /// The same of what only the rank's own node can tell: `question`.
    template <typename Check>
    void ask_node(const std::string& question, const Check& check);

    const workload::Workload& workload_;
    const PlanFacts& facts_;
    std::shared_ptr<RankPlan> plan_ = std::make_shared<RankPlan>();
    std::map<const workload::Step*, Reached> reached_;
    std::map<std::string, std::int64_t> batches_;   ///< inputs of a row, by loop variable
    std::map<std::string, std::int64_t> datasets_;  ///< the same by dataset
};

template <typename Check>
bool RankPlanner::find_problem(const Check& check) {
    try {
        check();
        return false;
    } catch (const LogicError&) {
        throw;
    } catch (const Error& error) {
        Problem problem{error.what(), error.code()};
        auto& all = plan_->problems;
        if (std::find(all.begin(), all.end(), problem) == all.end()) all.push_back(problem);
        return true;
    }
}

template <typename Check>
void RankPlanner::ask_node(const std::string& question, const Check& check) {
    if (facts_.here) {
        find_problem(check);
        return;
    }
    leave_unchecked(question);
}

/// Of the file, that the step runs; nullptr when it runs something else.
const workload::KernelSpec* kernel_of(const workload::Step& spec,
                                      const workload::Workload& workload);

}  // namespace warpstep::plan
