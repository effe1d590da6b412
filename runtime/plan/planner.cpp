// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/planner.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/plan/capturable.hpp"
#include "runtime/plan/order.hpp"
#include "runtime/plan/rank_planner.hpp"

namespace warpstep::plan {
namespace {

using Plans = std::vector<std::shared_ptr<RankPlan>>;

template <typename T>
void add_new(std::vector<T>& all, const std::vector<T>& more) {
    for (const T& one : more) {
        if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
    }
}

// The ranks of each colour are one group, which all of them know.
void set_groups(const Plans& ranks, std::size_t step) {
    const std::size_t note = *ranks[0]->steps[step].note;
    std::vector<std::int64_t> colours;
    for (const auto& plan : ranks) colours.push_back(plan->notes[note].colour);
    std::map<std::int64_t, std::shared_ptr<const std::vector<int>>> groups;
    for (std::size_t rank = 0; rank < ranks.size(); ++rank) {
        if (colours[rank] < 0) continue;
        auto& members = groups[colours[rank]];
        if (!members) {
            members =
                std::make_shared<const std::vector<int>>(group_members(colours, colours[rank]));
        }
        ranks[rank]->steps[step].group = members;
    }
}

}  // namespace

bool RankPlan::same_as(const RankPlan& other) const {
    return this == &other ||
           (params == other.params && buffers == other.buffers && needs == other.needs &&
            datasets == other.datasets && steps == other.steps);
}

Planner::Planner(const workload::Workload& workload, const PlanFacts& facts)
    : workload_(workload), facts_(facts) {
    check_order(workload);
    try {
        check_graphs(workload);
    } catch (const ConfigError& error) {
        of_file_.push_back({error.what()});
    }
}

std::shared_ptr<RankPlan> Planner::plan(const step::Step& step) {
    RankPlanner planner(workload_, step, facts_);
    if (auto known = known_.find(planner.scope())) return known;
    Asked asked;
    auto plan = planner(asked, reached_);
    plan->problems.insert(plan->problems.begin(), of_file_.begin(), of_file_.end());
    known_.add(plan->lanes.front().scope, asked.names(), plan);
    return plan;
}

void refuse_problems(const RankPlan& plan) {
    if (plan.problems.empty()) return;
    constexpr std::size_t most = 20;
    const ExitCode code = plan.problems.front().code;
    std::vector<std::string> texts;
    for (const Problem& problem : plan.problems) {
        if (problem.code == code && texts.size() < most) texts.push_back(problem.text);
    }
    if (code == ExitCode::bad_input) throw ConfigError(join(texts, "\n"));
    throw EnvironmentError(join(texts, "\n"));
}

StepPlans plan_all(const workload::Workload& workload, const std::vector<step::Step>& steps,
                   const PlanFacts& facts) {
    Planner planner(workload, facts);
    StepPlans all;
    Plans ranks;
    std::vector<const std::vector<CollectiveNote>*> notes;
    for (const auto& step : steps) {
        ranks.push_back(planner.plan(step));
        notes.push_back(&ranks.back()->notes);
        if (ranks.size() > 1 && ranks.back() == ranks[ranks.size() - 2]) continue;
        add_new(all.problems, ranks.back()->problems);
        add_new(all.unchecked, ranks.back()->unchecked);
    }
    for (std::size_t i = 0; !ranks.empty() && i < ranks[0]->steps.size(); ++i) {
        if (ranks[0]->steps[i].note) set_groups(ranks, i);
    }
    if (auto text = meeting_problem(notes)) all.problems.push_back({std::move(*text)});
    all.ranks.assign(ranks.begin(), ranks.end());
    return all;
}

}  // namespace warpstep::plan
