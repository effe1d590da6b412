// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/rank_planner.hpp"

#include <algorithm>

#include "runtime/plan/dataset_plan.hpp"
#include "runtime/plan/operations.hpp"
#include "runtime/plan/step_values.hpp"

namespace warpstep::plan {
namespace {

using workload::Loop;
using workload::Step;

// No name of a file, so that only planning asks for it.
std::string cut_name(const std::string& dataset) {
    return "cut of " + dataset;
}

std::string exact(const DatasetPlan& set) {
    return fmt::format("{} {} {} {} {} {}", set.rows, set.features, set.batches, set.batch_rows,
                       set.rows_here, set.seed.value_or(-1));
}

}  // namespace

RankPlanner::RankPlanner(const workload::Workload& workload, const step::Step& step,
                         const PlanFacts& facts)
    : workload_(workload), facts_(facts) {
    plan_->workload = &workload;
    const int count = static_cast<int>(facts.devices.size());
    for (int i = 0; i < count; ++i) {
        const device::Facts& device = facts.devices[static_cast<std::size_t>(i)].facts;
        plan_->lanes.push_back({device.kind, RankScope(workload, step, device, i, count)});
    }
    plan_datasets(step.rank);
}

void RankPlanner::plan_datasets(int rank) {
    const int members = static_cast<int>(scope().count("members"));
    for (const auto& spec : workload_.datasets) {
        DatasetPlan set =
            plan_dataset(spec, scope(), facts_.tables, members, rank * devices(), devices());
        for (LanePlan& lane : plan_->lanes) {
            lane.scope.set(spec.name + ".rows", count_value(set.rows));
            lane.scope.set(spec.name + ".features", count_value(set.features));
            lane.scope.set(cut_name(spec.name), text_value(exact(set)));
        }
        datasets_[spec.name] = set.features;
        plan_->datasets.push_back(std::move(set));
    }
}

std::shared_ptr<RankPlan> RankPlanner::operator()(Asked& asked, std::set<std::string>& reached) {
    for (LanePlan& lane : plan_->lanes) lane.scope.record(&asked);
    ask_for_shown();
    reach(workload_.steps, {true, std::nullopt, false});
    check_hazards_once(reached);
    plan_buffers_of_lanes();
    check_memory_of_lanes();
    add(workload_.steps, {});
    plan_probes();
    for (LanePlan& lane : plan_->lanes) lane.scope.record(nullptr);
    return std::move(plan_);
}

void RankPlanner::ask_for_shown() {
    for (const auto& param : workload_.params) {
        plan_->params.emplace_back(param.name, *scope().find(param.name));
    }
    for (const auto& spec : workload_.datasets)
        static_cast<void>(scope().find(cut_name(spec.name)));
}

// A group that names its members leaves the others out; `{ by: … }` has a group for everybody. A
// task with fewer devices than the file speaks of does the work on those it has.
void RankPlanner::reach(const std::vector<Step>& steps, const Reached& around) {
    for (const Step& spec : steps) {
        Reached here{around.active, around.device, false};
        here.active = here.active && (!spec.condition || spec.condition->evaluate_truth(scope()));
        if (here.active && spec.device) {
            const std::int64_t wanted = decided_count(spec.device, scope(), 0, 0);
            here.device = static_cast<int>(wanted % devices());
            here.falls_back = wanted >= devices();
        }
        reached_[&spec] = here;
        reach(spec.steps, here);
    }
}

void RankPlanner::plan_buffers_of_lanes() {
    const auto collective = collective_buffers(workload_.steps);
    for (int i = 0; i < devices(); ++i) {
        LanePlan& lane = plan_->lanes[static_cast<std::size_t>(i)];
        auto all = plan_buffers(workload_, lane.scope, collective);
        if (i == 0) plan_->buffers = all;
        if (devices() > 1) {
            const auto here = buffers_on(i, workload_, facts_of_steps());
            std::erase_if(all, [&](const BufferPlan& plan) { return here.count(plan.name) == 0; });
        }
        lane.buffers = std::move(all);
        plan_->needs.push_back(memory_needs(lane.buffers, lane.kind));
    }
}

void RankPlanner::add(const std::vector<Step>& steps, const Around& around) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
        Around here = around;
        here.number += (around.number.empty() ? "" : ".") + std::to_string(i + 1);
        add(steps[i], std::move(here));
    }
}

void RankPlanner::add(const Step& spec, Around around) {
    StepPlan step;
    step.spec = &spec;
    step.number = around.number;
    step.depth = around.depth;
    step.condition = joined_condition(around.condition, spec.condition);
    step.looped = around.looped;
    const Reached& here = reached_.at(&spec);
    step.active = here.active;
    step.device = here.device;
    step.falls_back = here.falls_back;
    const bool collective = is_collective(spec.run) && kernel_of(spec, workload_) == nullptr;
    if (collective) note(step, around);
    const bool undecided = step.runs() && find_problem([&] { decide(step); });
    if (collective) {
        plan_->notes[*step.note].times = step.warmup + step.times;
    }
    if (step.runs() && !undecided) check(step);
    around.condition = step.condition;
    ++around.depth;
    plan_loops(step, around);
    const std::size_t index = plan_->steps.size();
    plan_->steps.push_back(std::move(step));
    add(spec.steps, around);
    plan_->steps[index].end = plan_->steps.size();
    plan_references(index);
}

// Everything that is decided before the run; what does not run here need not make sense here.
void RankPlanner::decide(StepPlan& step) {
    const Step& spec = *step.spec;
    step.warmup = decided_count(spec.warmup, scope(), 0, 0);
    step.times = decided_count(spec.times, scope(), 1, 1);
    if (spec.timeout) step.timeout = decided_timeout(*spec.timeout, scope());
    if (spec.graph) {
        step.launches = decided_count(spec.graph->launches, scope(), 1, 1);
        step.graph_warmup = decided_count(spec.graph->warmup, scope(), 0, 0);
    }
    for (int i = 0; i < devices(); ++i) {
        if (!step.device || *step.device == i) step.devices.push_back(i);
    }
    if (spec.device && step.falls_back) {
        plan_->remarks.push_back(
            fmt::format("step '{}' wants device {} but the task has {} (gpus_per_task gives "
                        "more); it runs on device {}",
                        spec.name, spec.device->evaluate_count(scope()), devices(), *step.device));
    }
}

void RankPlanner::plan_loops(StepPlan& step, Around& around) {
    const auto set_loop = [&](const std::string& name, std::int64_t value) {
        for (LanePlan& lane : plan_->lanes) lane.scope.set_loop(name, count_value(value));
    };
    for (const Loop& loop : step.spec->for_each) {
        std::int64_t turns = 0;
        if (loop.kind == Loop::Kind::range) {
            if (step.runs())
                find_problem([&] { turns = decided_count(loop.count, scope(), 0, 0); });
            set_loop(loop.variable, 0);
            set_loop("epoch", 0);
        } else {
            for (const auto& set : plan_->datasets) {
                if (set.name != loop.dataset) continue;
                if (step.runs()) turns = set.batches;
                batches_[loop.variable] = set.features;
            }
            for (const auto* field : {"size", "rows", "index"}) {
                set_loop(loop.variable + "." + field, 1);
            }
        }
        around.looped = true;
        step.turns.push_back(turns);
        around.turns.push_back({step.spec->name, turns});
    }
    if (step.launches) {
        around.turns.push_back({step.spec->name, step.graph_warmup + *step.launches});
    } else if (step.spec->graph) {
        around.turns.push_back({step.spec->name, 0});
    }
}

const workload::KernelSpec* kernel_of(const Step& spec, const workload::Workload& workload) {
    for (const auto& kernel : workload.kernels) {
        if (kernel.name == spec.run) return &kernel;
    }
    return nullptr;
}

}  // namespace warpstep::plan
