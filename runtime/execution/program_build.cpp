// SPDX-License-Identifier: Apache-2.0
// Phases 2 and 3 of a program: the memory, streams, groups and functions to do it with.
#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/execution/program.hpp"
#include "runtime/plan/operations.hpp"

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

// A step that computes the verified buffer another way: the same arguments as far as the other
// kernel has them, the result in a buffer of its own.
workload::Step reference_step(const workload::Step& step, const workload::VerifyRule& rule,
                              const std::string& scratch) {
    const auto& all = plan::operations();
    const auto signature = std::find_if(all.begin(), all.end(), [&](const auto& operation) {
        return operation.name == rule.reference;
    });
    if (signature == all.end()) {
        fail<ConfigError>("{}: unknown reference '{}'; see warpstep kernels", show(rule.mark),
                          rule.reference);
    }
    const auto takes = [&](const std::string& name) {
        const auto in = [&](const std::vector<std::string>& list) {
            return std::find(list.begin(), list.end(), name) != list.end();
        };
        return in(signature->required) || in(signature->optional);
    };
    workload::Step other;
    other.name = step.name;
    other.mark = rule.mark;
    other.run = rule.reference;
    for (const auto& [name, argument] : step.with) {
        if (!takes(name)) continue;
        const bool verified = argument.value.root().text == rule.buffer;
        other.with.emplace(
            name, verified ? workload::Argument{workload::Expression::parse(scratch)} : argument);
    }
    return other;
}

// The step that a container's rule on a buffer speaks of: the last one inside that writes it.
const workload::Step* last_writer(const PlannedStep& step, const std::string& buffer,
                                  std::size_t place) {
    const workload::Step* found = nullptr;
    for (const auto& child : step.children) {
        if (!child.active || place >= child.work.size()) continue;
        if (const auto* inside = last_writer(child, buffer, place)) found = inside;
    }
    if (found != nullptr || place >= step.work.size()) return found;
    const auto& operation = step.work[place].operation;
    if (operation == nullptr) return nullptr;
    const auto writes = operation->writes();
    return std::find(writes.begin(), writes.end(), buffer) == writes.end() ? nullptr : step.spec;
}

}  // namespace

void Program::allocate(const std::vector<Machine>& machines) {
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
        Lane& lane = lanes_[i];
        lane.machine = &machines[i];
        lane.streams[""] = machines[i].device.make_stream();
        for (const auto& spec : workload_.streams) {
            lane.streams[spec.name] = machines[i].device.make_stream(spec.high_priority);
        }
        lane.storage = std::make_unique<Storage>(machines[i], lane.buffers);
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
        const bool by = step.group->kind == workload::Group::Kind::by;
        const int color = by ? static_cast<int>(step.group->value.evaluate_count(lane.scope))
                          : step.group->value.evaluate_truth(lane.scope) ? 0
                                                                         : -1;
        lane.groups[group_key(*step.group)] =
            lane.machine->communicator.split(color, lane.machine->step.rank);
    }
}

void Program::build() {
    for (auto& step : steps_) build(step);
    connect_needs(steps_);
    build_probes();
    for (const Lane& lane : lanes_) {
        joins_.push_back(std::make_unique<StreamJoin>(lane, streams_));
    }
}

void Program::build(PlannedStep& step) {
    if (!step.active) return;
    for (const int device : step.devices) {
        Lane& lane = lanes_[static_cast<std::size_t>(device)];
        StepWork& work = step.work.emplace_back();
        work.lane = &lane;
        work.stream = &lane.stream(step.spec->stream);
        work.sampler = std::make_unique<Sampler>(lane.machine->device);
        bind_batches(step, work);
        if (step.spec->run.empty()) {
            work.streams = std::make_unique<StreamJoin>(lane, step.streams);
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
    const auto place = static_cast<std::size_t>(&work - step.work.data());
    for (const auto& rule : step.spec->verify) {
        if (rule.reference.empty()) continue;
        const workload::Step* writer = last_writer(step, rule.buffer, place);
        if (writer == nullptr) {
            fail<ConfigError>(
                "{}: step '{}' does not write '{}' (a reference is compared with what the step "
                "computed); name a buffer that it writes",
                show(rule.mark), step.spec->name, rule.buffer);
        }
        Lane& lane = *work.lane;
        const std::string scratch = fmt::format("reference_of_{}", rule.buffer);
        lane.storage->add_scratch(scratch, rule.buffer);
        const workload::Step other = reference_step(*writer, rule, scratch);
        Bindings bindings = bindings_of(lane, lane.machine->communicator);
        work.references.push_back({&rule, scratch, make_operation(other, bindings)});
    }
}

void Program::connect_needs(std::vector<PlannedStep>& list) {
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
