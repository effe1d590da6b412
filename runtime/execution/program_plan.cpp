// SPDX-License-Identifier: Apache-2.0
// Phases 1 to 3 of a program: what it will do, and the memory and functions to do it with.
#include <algorithm>
#include <set>

#include "runtime/base/error.hpp"
#include "runtime/execution/dataset_plan.hpp"
#include "runtime/execution/program.hpp"

namespace warpstep::execution {
namespace {

using workload::Loop;

void add_collective_buffers(const std::vector<workload::Step>& steps,
                            std::set<std::string>& names) {
    for (const auto& step : steps) {
        for (auto& name : collective_buffers(step)) names.insert(std::move(name));
        add_collective_buffers(step.steps, names);
    }
}

std::set<std::string> collective_buffer_names(const workload::Workload& workload) {
    std::set<std::string> names;
    add_collective_buffers(workload.steps, names);
    return names;
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

// The buffers that take the device's memory: on the host all do.
std::vector<BufferPlan> on_device(std::vector<BufferPlan> plans, device::Kind kind) {
    const auto elsewhere = [&](const BufferPlan& plan) {
        return kind == device::Kind::cuda && !plan.collective &&
               plan.memory != workload::MemoryKind::device;
    };
    plans.erase(std::remove_if(plans.begin(), plans.end(), elsewhere), plans.end());
    return plans;
}

}  // namespace

Program::Program(const workload::Workload& workload, const step::Step& step,
                 const device::Device& device, int device_sharers)
    : workload_(workload),
      step_(step),
      device_kind_(device.facts().kind),
      scope_(workload, step, device.facts()),
      buffers_(plan_buffers(workload, scope_, collective_buffer_names(workload))),
      kernels_(workload.kernels) {
    check_memory(on_device(buffers_, device.facts().kind), device.free_memory(), device_sharers);
    plan_datasets();
    for (const auto& spec : workload.steps) steps_.push_back(plan(spec, false));
    for (const auto& buffer : buffers_) {
        if (buffer.collective) {
            collectives_.push_back(fmt::format("buffer '{}' of {} elements {}", buffer.name,
                                               buffer.count, name_of(buffer.dtype)));
        }
    }
}

void Program::plan_datasets() {
    for (const auto& spec : workload_.datasets) {
        datasets_.emplace(spec.name, plan_dataset(spec, scope_));
    }
}

PlannedStep Program::plan(const workload::Step& spec, bool looped) {
    PlannedStep step;
    step.spec = &spec;
    step.looped = looped;
    step.result.name = spec.name;
    step.result.run = spec.run;
    step.active = !spec.condition || spec.condition->evaluate_truth(scope_);
    step.warmup = count_of(spec.warmup, scope_, 0, 0);
    step.times = count_of(spec.times, scope_, 1, 1);
    if (spec.timeout) step.timeout = timeout_of(*spec.timeout, scope_);
    if (looped && !spec.verify.empty() && !spec.run.empty()) {
        fail<ConfigError>(
            "{}: step '{}' verifies inside for_each (it would be checked at every turn); move "
            "'verify' to the step "
            "that holds the loop",
            show(spec.mark), spec.name);
    }
    if (const auto* kernel = kernels_.find(spec.run); kernel != nullptr && step.active) {
        check_user_kernel(spec, *kernel, buffers_, device_kind_, scope_);
    }
    for (const auto& rule : spec.verify) check_rule(rule, buffers_, scope_);
    plan_loops(step);
    if (step.active) {
        note_collective(step);
        const std::size_t outside = collectives_.size();
        for (const auto& child : spec.steps) {
            step.children.push_back(plan(child, looped || !spec.for_each.empty()));
        }
        if (collectives_.size() > outside) note_loops(step);
    }
    return step;
}

void Program::plan_loops(PlannedStep& step) {
    for (const Loop& loop : step.spec->for_each) {
        if (loop.kind == Loop::Kind::range) {
            step.loop_counts.push_back(count_of(loop.count, scope_, 0, 0));
            scope_.set_loop(loop.variable, count_value(0));
            continue;
        }
        step.loop_counts.push_back(datasets_.at(loop.dataset)->turns(step_.size));
        for (const auto* field : {"size", "rows", "index"}) {
            scope_.set_loop(loop.variable + "." + field, count_value(1));
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
        for (const auto& buffer : buffers_) {
            if (buffer.name == from) line += fmt::format(" {} bytes", buffer.bytes());
        }
    }
    for (const auto* argument : {"root", "shift"}) {
        const auto it = spec.with.find(argument);
        if (it == spec.with.end()) continue;
        line += fmt::format(" {} {}", argument, it->second.value.evaluate_count(scope_));
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

void Program::allocate(const Machine& machine) {
    machine_ = &machine;
    stream_ = machine.device.make_stream();
    storage_ = std::make_unique<Storage>(machine, buffers_);
    storage_->initialize(*stream_);
}

void Program::build() {
    for (auto& step : steps_) build(step);
}

void Program::bind_batches(PlannedStep& step) {
    for (const Loop& loop : step.spec->for_each) {
        auto& batch = step.batches.emplace_back();
        if (loop.kind != Loop::Kind::batches) continue;
        batch = std::make_unique<BatchStream>(machine_->device, machine_->cores,
                                              *datasets_.at(loop.dataset), machine_->member(),
                                              machine_->members());
        batches_[loop.variable] = batch.get();
    }
}

void Program::build(PlannedStep& step) {
    if (!step.active) return;
    bind_batches(step);
    if (!step.spec->run.empty()) {
        Bindings bindings{*machine_, *storage_, datasets_, batches_, scope_, kernels_};
        step.operation = make_operation(*step.spec, bindings);
        step.sampler = std::make_unique<Sampler>(machine_->device);
    }
    for (auto& child : step.children) build(child);
}

}  // namespace warpstep::execution
