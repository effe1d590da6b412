// SPDX-License-Identifier: Apache-2.0
// Phase 1 of a program: what it will do, from the file and this task's names alone.
#include <algorithm>
#include <set>

#include "runtime/base/error.hpp"
#include "runtime/execution/program.hpp"

namespace warpstep::execution {
namespace {

using workload::Loop;
using workload::Step;

void add_collective_buffers(const std::vector<Step>& steps, std::set<std::string>& names) {
    for (const auto& step : steps) {
        for (auto& name : collective_buffers(step)) names.insert(std::move(name));
        add_collective_buffers(step.steps, names);
    }
}

std::int64_t count_of(const std::optional<workload::Expression>& expression, const RankScope& scope,
                      std::int64_t otherwise, std::int64_t least) {
    if (!expression) return otherwise;
    const std::int64_t count = expression->evaluate_count(scope);
    if (count < least) {
        fail<ConfigError>("{}: '{}' is {} (it must be {} or more); give a larger number",
                          show(expression->mark()), expression->text(), count, least);
    }
    return count;
}

std::chrono::milliseconds timeout_of(const workload::Expression& expression,
                                     const RankScope& scope) {
    constexpr double longest = 1e9;  // seconds; more would not fit a clock
    const workload::Value value = expression.evaluate(scope);
    if (!value.is_number() || value.unit != workload::unit_seconds || !(value.number() > 0) ||
        value.number() > longest) {
        fail<ConfigError>("{}: 'timeout' is {} (it must be a duration above 0); write 30s or 5m",
                          show(expression.mark()), show(value));
    }
    return std::chrono::milliseconds(
        std::max<std::int64_t>(1, static_cast<std::int64_t>(value.number() * 1e3)));
}

DatasetRules rules_of(const workload::DatasetSpec& spec, const RankScope& scope) {
    DatasetRules rules;
    rules.name = spec.name;
    rules.target = spec.target;
    rules.standardize = spec.standardize;
    rules.intercept = spec.intercept;
    rules.global_batch = spec.split == workload::DatasetSpec::Split::global;
    rules.batch_rows = count_of(spec.batch, scope, 1, 1);
    if (spec.shuffle_seed) {
        rules.shuffle_seed = static_cast<std::uint64_t>(spec.shuffle_seed->evaluate_count(scope));
    }
    return rules;
}

// The buffers that take the device's memory: on the host all do.
std::vector<BufferPlan> on_device(std::vector<BufferPlan> plans, device::Kind kind) {
    const auto elsewhere = [&](const BufferPlan& plan) {
        return kind == device::Kind::cuda && !plan.collective &&
               (plan.memory == workload::MemoryKind::host ||
                plan.memory == workload::MemoryKind::host_pinned);
    };
    plans.erase(std::remove_if(plans.begin(), plans.end(), elsewhere), plans.end());
    return plans;
}

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
    for (std::size_t i = 0; i < lanes_.size(); ++i)
        plan_buffers_of(lanes_[i], *devices[i], sharers);
    plan_datasets();
    for (const auto& spec : workload.steps) steps_.push_back(plan(spec, {}));
    for (const auto& buffer : lanes_.front().buffers) {
        if (!buffer.collective) continue;
        collectives_.push_back(fmt::format("buffer '{}' of {} elements {}", buffer.name,
                                           buffer.count, name_of(buffer.dtype)));
    }
}

void Program::plan_lanes(const step::Step& step,
                         const std::vector<const device::Device*>& devices) {
    const int count = static_cast<int>(devices.size());
    for (int i = 0; i < count; ++i) {
        const device::Facts& facts = devices[static_cast<std::size_t>(i)]->facts();
        lanes_.push_back({i, facts.kind, RankScope(workload_, step, facts, i, count),
                          UserKernels(workload_.kernels)});
    }
}

void Program::plan_buffers_of(Lane& lane, const device::Device& device, int sharers) {
    std::set<std::string> collective;
    add_collective_buffers(workload_.steps, collective);
    lane.buffers = plan_buffers(workload_, lane.scope, collective);
    check_memory(on_device(lane.buffers, device.facts().kind), device.free_memory(),
                 device.facts().kind == device::Kind::host
                     ? sharers * static_cast<int>(lanes_.size())
                     : sharers);
}

void Program::plan_datasets() {
    for (const auto& spec : workload_.datasets) {
        const Table table = read_table(spec.file);
        try {
            datasets_.emplace(spec.name, std::make_unique<Dataset>(table, rules_of(spec, scope())));
        } catch (const ConfigError& error) {
            fail<ConfigError>("{}: {}", show(spec.mark), error.what());
        }
    }
}

PlannedStep Program::plan(const Step& spec, Surroundings around) {
    PlannedStep step;
    step.spec = &spec;
    step.looped = around.looped;
    step.captured = around.captured;
    step.collective = is_collective(spec.run);
    step.result.name = spec.name;
    step.result.run = spec.run;
    step.result.may_fail = spec.continue_on_error;
    step.active = is_active(spec);
    step.warmup = count_of(spec.graph ? spec.graph->warmup : spec.warmup, scope(), 0, 0);
    step.times = count_of(spec.graph ? spec.graph->launches : spec.times, scope(), 1, 1);
    if (spec.timeout) step.timeout = timeout_of(*spec.timeout, scope());
    step.devices = devices_of(spec);
    step.streams = streams_of(spec.steps);
    check_rules(step);
    plan_loops(step);
    if (!step.active) return step;
    note_collective(step);
    const std::size_t outside = collectives_.size();
    around.looped = around.looped || !spec.for_each.empty();
    around.captured = around.captured || spec.graph.has_value();
    for (const auto& child : spec.steps) step.children.push_back(plan(child, around));
    if (collectives_.size() > outside) note_loops(step);
    return step;
}

// A group that names its members leaves the others out; `{ by: … }` has a group for everybody.
bool Program::is_active(const Step& spec) const {
    if (spec.condition && !spec.condition->evaluate_truth(scope())) return false;
    if (!spec.group || spec.group->kind == workload::Group::Kind::by) return true;
    return spec.group->value.evaluate_truth(scope());
}

// A task with fewer devices than the file speaks of does the work on those it has.
std::vector<int> Program::devices_of(const Step& spec) {
    const int count = static_cast<int>(lanes_.size());
    std::vector<int> all;
    for (int i = 0; i < count; ++i) all.push_back(i);
    if (!spec.device) return all;
    const std::int64_t wanted = spec.device->evaluate_count(scope());
    if (wanted < 0) {
        fail<ConfigError>("{}: 'device' is {} (devices of a task count from 0); use 0 or more",
                          show(spec.device->mark()), wanted);
    }
    const int device = static_cast<int>(wanted % count);
    if (wanted >= count) {
        notes_.push_back(fmt::format(
            "step '{}' wants device {} but the task has {} (gpus_per_task gives more); it runs on "
            "device {}",
            spec.name, wanted, count, device));
    }
    return {device};
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
            check_user_kernel(spec, *kernel, lane.buffers, lane.kind, lane.scope);
        }
        for (const auto& rule : spec.verify) check_rule(rule, lane.buffers, lane.scope);
    }
}

void Program::plan_loops(PlannedStep& step) {
    for (const Loop& loop : step.spec->for_each) {
        if (loop.kind == Loop::Kind::range) {
            step.loop_counts.push_back(count_of(loop.count, scope(), 0, 0));
            set_loop(loop.variable, 0);
            continue;
        }
        step.loop_counts.push_back(
            datasets_.at(loop.dataset)->batches(step_.size * static_cast<int>(lanes_.size())));
        for (const auto* field : {"size", "rows", "index"}) {
            set_loop(loop.variable + "." + field, 1);
        }
    }
}

void Program::note_collective(const PlannedStep& step) {
    const workload::Step& spec = *step.spec;
    if (!is_collective(spec.run)) return;
    std::string line = fmt::format("step '{}' ({})", spec.name, spec.run);
    for (const auto& name : collective_buffers(spec)) line += " " + name;
    if (spec.run == "peer_copy") {
        const std::string& from = spec.with.at("from").value.root().text;
        for (const auto& buffer : lanes_.front().buffers) {
            if (buffer.name == from) line += fmt::format(" {} bytes", buffer.bytes());
        }
    }
    for (const auto* argument : {"root", "shift"}) {
        const auto it = spec.with.find(argument);
        if (it == spec.with.end()) continue;
        line += fmt::format(" {} {}", argument, it->second.value.evaluate_count(scope()));
    }
    if (const auto op = spec.with.find("op"); op != spec.with.end()) {
        line += " " + op->second.value.root().text;
    }
    if (step.warmup + step.times > 1) line += fmt::format(" {} times", step.warmup + step.times);
    collectives_.push_back(line);
}

// Ranks that turn a different number of times would wait for each other in the collectives inside.
void Program::note_loops(const PlannedStep& step) {
    for (const std::int64_t turns : step.loop_counts) {
        collectives_.push_back(fmt::format("{} turns of step '{}'", turns, step.spec->name));
    }
}

}  // namespace warpstep::execution
