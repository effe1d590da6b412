// SPDX-License-Identifier: Apache-2.0
// Phases 1 to 3 of a program: the datasets, memory, streams, groups and functions to do it with.
#include <algorithm>
#include <set>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/execution/program.hpp"
#include "runtime/plan/dataset_plan.hpp"

namespace warpstep::execution {
namespace {

PlannedStep* find(std::vector<PlannedStep>& list, const std::string& name) {
    const auto it = std::find_if(list.begin(), list.end(),
                                 [&](const PlannedStep& step) { return step.spec->name == name; });
    return it == list.end() ? nullptr : &*it;
}

// Streams order what they are given themselves; between two of them an event does.
void connect(StepWork& first, StepWork& then) {
    if (first.stream == then.stream) return;
    if (first.done == nullptr) first.done = first.lane->machine->device.make_event();
    then.waits.push_back(first.done.get());
}

// Streams other than the default one that steps of a list use themselves.
std::vector<std::string> streams_of(const std::vector<workload::Step>& steps) {
    std::set<std::string> names;
    for (const auto& step : steps) {
        if (!step.stream.empty()) names.insert(step.stream);
    }
    return {names.begin(), names.end()};
}

// With what it holds, unless nothing of that runs.
PlannedStep planned(const plan::RankPlan& plan, std::size_t& index) {
    PlannedStep step;
    step.plan = &plan.steps[index++];
    step.spec = step.plan->spec;
    step.result.name = step.spec->name;
    step.result.run = step.spec->run;
    step.result.may_fail = step.spec->continue_on_error;
    if (!step.plan->runs()) index = step.plan->end;
    while (index < step.plan->end) step.children.push_back(planned(plan, index));
    return step;
}

void connect_needs(std::vector<PlannedStep>& list) {
    for (auto& step : list) {
        for (const auto& need : step.spec->needs) {
            PlannedStep* first = find(list, need.step);
            if (first == nullptr) continue;  // refused when the file was read
            for (StepWork& before : first->work) {
                for (StepWork& after : step.work) connect(before, after);
            }
        }
    }
}

}  // namespace

Program::Program(std::shared_ptr<const plan::RankPlan> plan)
    : plan_(std::move(plan)),
      workload_(*plan_->workload),
      probes_(*plan_, lanes_, steps_, datasets_),
      finite_(*plan_) {
    for (std::size_t i = 0; i < plan_->lanes.size(); ++i) {
        const plan::LanePlan& lane = plan_->lanes[i];
        lanes_.push_back({static_cast<int>(i), lane.scope, UserKernels(workload_.kernels)});
    }
    for (const auto& spec : workload_.datasets) {
        datasets_.emplace(spec.name, plan::open_dataset(spec, scope()));
    }
    for (std::size_t index = 0; index < plan_->steps.size();)
        steps_.push_back(planned(*plan_, index));
}

void Program::allocate(const std::vector<Machine>& machines) {
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
        Lane& lane = lanes_[i];
        lane.machine = &machines[i];
        lane.streams[""] = machines[i].device.make_stream();
        for (const auto& spec : workload_.streams) {
            lane.streams[spec.name] = machines[i].device.make_stream(spec.high_priority);
        }
        lane.storage = std::make_unique<Storage>(machines[i], plan_->lanes[i].buffers);
        lane.storage->initialize(lane.stream());
    }
    make_groups(workload_.steps);
}

// Every rank splits, in the order of the file, also where it belongs to no group.
void Program::make_groups(const std::vector<workload::Step>& steps) {
    Lane& lane = lanes_.front();
    for (const auto& step : steps) {
        make_groups(step.steps);
        if (!step.group || lane.groups.count(group_key(*step.group)) > 0) continue;
        const auto colour = static_cast<int>(plan::group_colour(step.group, lane.scope));
        lane.groups[group_key(*step.group)] =
            lane.machine->communicator.split(colour, lane.machine->step.rank);
    }
}

void Program::build() {
    for (auto& step : steps_) build(step);
    connect_needs(steps_);
    probes_.build([&](Lane& lane, const workload::Step& step) {
        Bindings bindings = bindings_of(lane, lane.machine->communicator);
        return make_operation(step, bindings);
    });
    for (const Lane& lane : lanes_) {
        joins_.push_back(std::make_unique<StreamJoin>(lane, streams_of(workload_.steps)));
    }
}

void Program::build(PlannedStep& step) {
    if (!step.plan->runs()) return;
    for (const int device : step.plan->devices) {
        Lane& lane = lanes_[static_cast<std::size_t>(device)];
        StepWork& work = step.work.emplace_back();
        work.lane = &lane;
        work.stream = &lane.stream(step.spec->stream);
        work.sampler = std::make_unique<Sampler>(lane.machine->device);
        bind_batches(step, work);
        if (step.spec->run.empty()) {
            work.streams = std::make_unique<StreamJoin>(lane, streams_of(step.spec->steps));
        } else {
            build_leaf(step, work);
        }
    }
    for (auto& child : step.children) build(child);
    connect_needs(step.children);
    for (StepWork& work : step.work) build_references(step, work);
}

Bindings Program::bindings_of(Lane& lane, comm::Communicator& communicator) {
    return {*lane.machine, *lane.storage, datasets_,   lane.batches,
            lane.scope,    lane.kernels,  communicator};
}

void Program::build_leaf(PlannedStep& step, StepWork& work) {
    Lane& lane = *work.lane;
    comm::Communicator* communicator = &lane.machine->communicator;
    if (step.spec->group) communicator = lane.groups.at(group_key(*step.spec->group)).get();
    Bindings bindings = bindings_of(lane, *communicator);
    work.operation = make_operation(*step.spec, bindings);
}

void Program::build_references(PlannedStep& step, StepWork& work) {
    Lane& lane = *work.lane;
    const auto index = static_cast<std::size_t>(step.plan - plan_->steps.data());
    for (const auto& reference : plan_->references) {
        if (reference.step != index || reference.device != lane.device_index) continue;
        lane.storage->add_scratch(reference.scratch, reference.rule->buffer);
        Bindings bindings = bindings_of(lane, lane.machine->communicator);
        work.references.push_back(
            {reference.rule, reference.scratch, make_operation(reference.evaluation, bindings)});
    }
}

void Program::bind_batches(PlannedStep& step, StepWork& work) {
    for (const auto& loop : step.spec->for_each) {
        auto& batch = work.batches.emplace_back();
        if (loop.kind != workload::Loop::Kind::batches) continue;
        const Machine& machine = *work.lane->machine;
        batch = std::make_unique<data::BatchStream>(machine.device, machine.cores,
                                                    *datasets_.at(loop.dataset), machine.member(),
                                                    machine.members());
        work.lane->batches[loop.variable] = batch.get();
    }
}

}  // namespace warpstep::execution
