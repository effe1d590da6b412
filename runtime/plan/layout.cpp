// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "runtime/base/error.hpp"

#include "runtime/plan/rank_scope.hpp"

namespace warpstep::plan {
namespace {

constexpr int most_ranks = 65536;

std::vector<int> in_blocks(int ranks, int per_node) {
    std::vector<int> tasks;
    for (; ranks > 0; ranks -= per_node) tasks.push_back(std::min(ranks, per_node));
    return tasks;
}

// srun(1) sets the first in a step, sbatch(1) and salloc(1) the second where they know it.
std::vector<int> slurm_tasks(const step::Environment& environment, const step::Lookup& lookup) {
    const char* name = environment.in_step() ? "SLURM_STEP_TASKS_PER_NODE" : "SLURM_TASKS_PER_NODE";
    const std::string list = lookup(name).value_or("");
    std::vector<int> tasks;
    int total = 0;
    for (int node = 0;; ++node) {
        const auto count = step::tasks_on_node(list, node);
        if (!count || *count < 1) break;
        tasks.push_back(*count);
        total += *count;
        if (total > most_ranks) {
            fail<ConfigError>("{} is '{}' (a dry run plans {} ranks at most); type --ranks N", name,
                              list, most_ranks);
        }
    }
    return tasks;
}

// The number of a rule, as a single rank would read it.
std::optional<int> number_of(const std::optional<workload::Expression>& rule,
                             const workload::Workload& workload) {
    if (!rule) return std::nullopt;
    const RankScope scope(workload, step::Step{}, device::Facts{});
    const std::int64_t number = rule->evaluate_count(scope);
    if (number < 1 || number > most_ranks) return std::nullopt;
    return static_cast<int>(number);
}

StepLayout asked_by_file(const workload::Workload& workload) {
    const auto& rules = workload.ranks;
    auto ranks = number_of(rules.exact, workload);
    if (!ranks) ranks = number_of(rules.min, workload);
    const auto multiple = number_of(rules.multiple_of, workload);
    if (!rules.exact && multiple)
        ranks = (ranks.value_or(1) + *multiple - 1) / *multiple * *multiple;
    const auto per_node = number_of(rules.per_node, workload);
    if (!ranks) ranks = per_node;
    if (!ranks || *ranks == 1) return {{1}, ""};
    return {in_blocks(*ranks, per_node.value_or(*ranks)), "by 'ranks' of the file"};
}

}  // namespace

StepLayout step_layout(const LayoutWish& wish, const step::Lookup& lookup,
                       const workload::Workload& workload) {
    if (wish.ranks > 0) {
        const int per_node = wish.per_node > 0 ? wish.per_node : wish.ranks;
        return {in_blocks(wish.ranks, per_node), "by --ranks"};
    }
    if (wish.local_ranks > 0) return {{wish.local_ranks}, "by --local-ranks"};
    const step::Environment environment = step::read_environment(lookup);
    if (environment.in_job()) {
        auto tasks = slurm_tasks(environment, lookup);
        if (!tasks.empty()) {
            return {std::move(tasks), environment.in_step() ? "as this job step" : "as this job"};
        }
    }
    return asked_by_file(workload);
}

std::vector<step::Step> steps_of(const std::vector<int>& tasks) {
    step::Step common;
    common.size = std::accumulate(tasks.begin(), tasks.end(), 0);
    common.node_names.clear();
    common.node_ranks.clear();
    int next = 0;
    for (std::size_t node = 0; node < tasks.size(); ++node) {
        common.node_names.push_back(fmt::format("n{}", node + 1));
        auto& ranks = common.node_ranks.emplace_back(static_cast<std::size_t>(tasks[node]));
        std::iota(ranks.begin(), ranks.end(), next);
        next += tasks[node];
    }
    std::vector<step::Step> steps;
    for (std::size_t node = 0; node < tasks.size(); ++node) {
        for (int local = 0; local < tasks[node]; ++local) {
            step::Step step = common;
            step.rank = static_cast<int>(steps.size());
            step.local_rank = local;
            step.local_size = tasks[node];
            step.node = static_cast<int>(node);
            steps.push_back(std::move(step));
        }
    }
    return steps;
}

}  // namespace warpstep::plan
