// SPDX-License-Identifier: Apache-2.0
// What a rank tells the others of its collectives.
#include "runtime/plan/rank_planner.hpp"

#include <algorithm>

#include "runtime/plan/operations.hpp"

namespace warpstep::plan {
namespace {

using workload::Step;

}  // namespace

// Also what this rank does not reach is noted: the others may.
void RankPlanner::note(StepPlan& step, const Around& around) {
    CollectiveNote note = note_of(*step.spec, plan_->buffers, scope(), step.active);
    step.member = note.colour >= 0;
    note.active = step.runs();
    note.condition = step.condition;
    note.turns = around.turns;
    note.devices = devices();
    note_dataset(*step.spec, note);
    step.message_bytes = message_bytes(*step.spec);
    step.note = plan_->notes.size();
    plan_->notes.push_back(std::move(note));
}

// What members add up of a table must be as much on all of them.
void RankPlanner::note_dataset(const Step& spec, CollectiveNote& note) const {
    for (const auto& [argument, value] : spec.with) {
        for (const DatasetPlan& set : plan_->datasets) {
            if (set.name == value.value.root().text)
                note.buffers.push_back(
                    {set.name, set.rows, fmt::format("rows of {} inputs", set.features)});
        }
    }
}

// At the end of the run, by all ranks.
void RankPlanner::note_probe(const Probe& probe) {
    Step step = probe.evaluation;
    if (step.run.empty()) {
        const std::string& name = probe.node->text;
        if (!name.ends_with(seen_once)) return;
        step.name = name;
        step.mark = probe.expression->mark();
        step.with.emplace("data", workload::Argument{workload::Expression::parse(
                                      name.substr(0, name.size() - seen_once.size()))});
    }
    CollectiveNote note = note_of(step, plan_->buffers, scope());
    if (note.run.empty()) note.run = "all rows are counted";
    note.devices = devices();
    note_dataset(step, note);
    plan_->notes.push_back(std::move(note));
}

std::optional<std::size_t> RankPlanner::message_bytes(const Step& spec) const {
    const OperationRow& row = *find_operation(spec.run);
    std::optional<std::size_t> most;
    if (row.compared == OperationRow::Compared::nothing) return most;
    for (const OperationArgument& argument : row.arguments) {
        const auto it = spec.with.find(argument.name);
        if (!argument.is_buffer() || it == spec.with.end()) continue;
        for (const auto& plan : plan_->buffers) {
            if (plan.name != it->second.value.root().text) continue;
            const bool rows =
                row.compared == OperationRow::Compared::columns && !plan.shape.empty();
            const std::size_t bytes =
                rows ? 2 * static_cast<std::size_t>(plan.shape.back()) * size_of(plan.dtype)
                     : plan.bytes();
            most = std::max(most.value_or(0), bytes);
        }
    }
    return most;
}

}  // namespace warpstep::plan
