// SPDX-License-Identifier: Apache-2.0
// Phase 1 of a program: what it will do, from the file and this task's names alone.
#include <algorithm>
#include <set>

#include "runtime/base/error.hpp"
#include "runtime/execution/program.hpp"
#include "runtime/plan/capturable.hpp"
#include "runtime/plan/dataset_plan.hpp"
#include "runtime/plan/memory_plan.hpp"
#include "runtime/plan/operations.hpp"
#include "runtime/plan/order.hpp"
#include "runtime/plan/step_values.hpp"
#include "runtime/plan/verify_rule.hpp"

namespace warpstep::execution {
namespace {

using workload::Loop;
using workload::Step;

// Streams other than the default one that steps of a list use themselves.
std::vector<std::string> streams_of(const std::vector<Step>& steps) {
    std::set<std::string> names;
    for (const auto& step : steps) {
        if (!step.stream.empty()) names.insert(step.stream);
    }
    return {names.begin(), names.end()};
}

}  // namespace

Program::Program(const workload::Workload& workload, const step::Step& step,
                 const std::vector<const device::Device*>& devices, int sharers)
    : workload_(workload), step_(step), streams_(streams_of(workload.steps)) {
    plan_lanes(step, devices);
    plan::check_order(workload);
    plan::check_graphs(workload);
    plan::check_hazards(workload, step_facts());
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
        plan_buffers_of(lanes_[i], *devices[i], sharers);
    }
    plan_datasets();
    for (const auto& spec : workload.steps) steps_.push_back(plan(spec, {}));
    note_collectives(workload.steps, {});
    plan_probes();
}

void Program::plan_lanes(const step::Step& step,
                         const std::vector<const device::Device*>& devices) {
    const int count = static_cast<int>(devices.size());
    for (int i = 0; i < count; ++i) {
        const device::Facts& facts = devices[static_cast<std::size_t>(i)]->facts();
        lanes_.push_back({i, facts.kind, plan::RankScope(workload_, step, facts, i, count),
                          UserKernels(workload_.kernels)});
    }
}

plan::StepFacts Program::step_facts() {
    return {[this](const Step& spec) { return is_active(spec); },
            [this](const Step& spec) { return device_of(spec); }};
}

void Program::plan_buffers_of(Lane& lane, const device::Device& device, int sharers) {
    const auto collective = plan::collective_buffers(workload_.steps);
    const auto needed = plan::buffers_on(lane.device_index, workload_, step_facts());
    for (plan::BufferPlan& plan : plan::plan_buffers(workload_, lane.scope, collective)) {
        if (needed.count(plan.name) > 0) lane.buffers.push_back(std::move(plan));
    }
    plan::MemoryLimits limits;
    limits.kind = lane.kind;
    limits.device_free = device.free_memory();
    limits.device_sharers = sharers;
    limits.host = plan::host_memory();
    limits.host_sharers = step_.local_size;
    // On the host every device of the task takes from the same memory.
    if (lane.kind == device::Kind::host) limits.host_sharers *= static_cast<int>(lanes_.size());
    plan::check_memory(lane.buffers, limits, workload_);
}

void Program::plan_datasets() {
    for (const auto& spec : workload_.datasets) {
        const auto& dataset =
            *datasets_.emplace(spec.name, plan::plan_dataset(spec, scope())).first->second;
        for (Lane& lane : lanes_) {
            lane.scope.set(spec.name + ".rows", plan::count_value(dataset.rows()));
            lane.scope.set(spec.name + ".features", plan::count_value(dataset.features()));
        }
    }
}

PlannedStep Program::plan(const Step& spec, Surroundings around) {
    PlannedStep step;
    step.spec = &spec;
    step.looped = around.looped;
    step.captured = around.captured;
    step.collective = plan::is_collective(spec.run);
    step.result.name = spec.name;
    step.result.run = spec.run;
    step.result.may_fail = spec.continue_on_error;
    step.active = is_active(spec);
    step.warmup = plan::decided_count(spec.graph ? spec.graph->warmup : spec.warmup, scope(), 0, 0);
    step.times = plan::decided_count(spec.graph ? spec.graph->launches : spec.times, scope(), 1, 1);
    if (spec.timeout) step.timeout = plan::decided_timeout(*spec.timeout, scope());
    step.devices = devices_of(spec);
    step.streams = streams_of(spec.steps);
    check_rules(step);
    plan_loops(step);
    if (!step.active) return step;
    around.looped = around.looped || !spec.for_each.empty();
    around.captured = around.captured || spec.graph.has_value();
    for (const auto& child : spec.steps) step.children.push_back(plan(child, around));
    return step;
}

// A group that names its members leaves the others out; `{ by: … }` has a group for everybody.
bool Program::is_active(const Step& spec) const {
    if (spec.condition && !spec.condition->evaluate_truth(scope())) return false;
    if (!spec.group || spec.group->kind == workload::Group::Kind::by) return true;
    return spec.group->value.evaluate_truth(scope());
}

// A task with fewer devices than the file speaks of does the work on those it has.
std::optional<int> Program::device_of(const Step& spec) const {
    if (!spec.device) return std::nullopt;
    const std::int64_t wanted = spec.device->evaluate_count(scope());
    if (wanted < 0) {
        fail<ConfigError>("{}: 'device' is {} (devices of a task count from 0); use 0 or more",
                          show(spec.device->mark()), wanted);
    }
    return static_cast<int>(wanted % static_cast<std::int64_t>(lanes_.size()));
}

std::vector<int> Program::devices_of(const Step& spec) {
    const int count = static_cast<int>(lanes_.size());
    if (const auto device = device_of(spec)) {
        const std::int64_t wanted = spec.device->evaluate_count(scope());
        if (wanted >= count) {
            notes_.push_back(
                fmt::format("step '{}' wants device {} but the task has {} (gpus_per_task gives "
                            "more); it runs on device {}",
                            spec.name, wanted, count, *device));
        }
        return {*device};
    }
    std::vector<int> all;
    for (int i = 0; i < count; ++i) all.push_back(i);
    return all;
}

void Program::check_rules(const PlannedStep& step) const {
    const Step& spec = *step.spec;
    if (step.looped && !spec.verify.empty() && !spec.run.empty()) {
        fail<ConfigError>(
            "{}: step '{}' verifies inside for_each (it would be checked at every turn); move "
            "'verify' to the step that holds the loop",
            show(spec.mark), spec.name);
    }
    if (spec.group && lanes_.size() > 1) {
        fail<ConfigError>(
            "{}: step '{}' joins a group, but the task has {} devices (groups are made of tasks "
            "with one device each); use gpus_per_task: 1",
            show(spec.mark), spec.name, lanes_.size());
    }
    for (const int device : step.devices) {
        const Lane& lane = lanes_[static_cast<std::size_t>(device)];
        const auto* kernel = lane.kernels.find(spec.run);
        if (kernel != nullptr && step.active) {
            plan::check_user_kernel(spec, *kernel, lane.buffers, lane.kind, lane.scope);
        }
        for (const auto& rule : spec.verify) plan::check_rule(rule, lane.buffers, lane.scope);
    }
}

void Program::plan_loops(PlannedStep& step) {
    for (const Loop& loop : step.spec->for_each) {
        if (loop.kind == Loop::Kind::range) {
            step.loop_counts.push_back(turns_of(loop));
            set_loop(loop.variable, 0);
            set_loop("epoch", 0);
            continue;
        }
        step.loop_counts.push_back(turns_of(loop));
        for (const auto* field : {"size", "rows", "index"}) {
            set_loop(loop.variable + "." + field, 1);
        }
    }
}

}  // namespace warpstep::execution
