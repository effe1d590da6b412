// SPDX-License-Identifier: Apache-2.0
// What this rank will do at every collective of the file, for the comparison with the others.
#include "runtime/execution/program.hpp"
#include "runtime/plan/operations.hpp"
#include "runtime/plan/step_values.hpp"

namespace warpstep::execution {

using workload::Loop;
using workload::Step;

// Also what this rank does not reach is noted: the others may.
void Program::note_collectives(const std::vector<Step>& steps, const Path& path) {
    for (const Step& step : steps) {
        const Path within = inside(step, path);
        note_collectives(step.steps, within);
        if (!plan::is_collective(step.run)) continue;
        plan::CollectiveNote note = plan::note_of(step, lanes_.front().buffers, scope());
        note.condition = within.condition;
        note.active = within.active;
        note.turns = path.turns;
        if (within.active) {
            note.times = plan::decided_count(step.warmup, scope(), 0, 0) +
                         plan::decided_count(step.times, scope(), 1, 1);
        }
        collectives_.push_back(std::move(note));
    }
}

Program::Path Program::inside(const Step& step, Path path) const {
    path.condition = plan::joined_condition(path.condition, step.condition);
    path.active = path.active && is_active(step);
    if (!path.active) return path;
    for (const Loop& loop : step.for_each) path.turns.push_back({step.name, turns_of(loop)});
    if (step.graph) {
        path.turns.push_back(
            {step.name, plan::decided_count(step.graph->warmup, scope(), 0, 0) +
                            plan::decided_count(step.graph->launches, scope(), 1, 1)});
    }
    return path;
}

std::int64_t Program::turns_of(const Loop& loop) const {
    if (loop.kind == Loop::Kind::range) return plan::decided_count(loop.count, scope(), 0, 0);
    return datasets_.at(loop.dataset)->turns(step_.size * static_cast<int>(lanes_.size()));
}

}  // namespace warpstep::execution
