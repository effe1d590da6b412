// SPDX-License-Identifier: Apache-2.0
// Phase 4 of a program: the steps in order, verified, then timed.
#include <cmath>

#include "runtime/base/error.hpp"
#include "runtime/base/units.hpp"
#include "runtime/execution/program.hpp"
#include "runtime/step/stop_signal.hpp"

namespace warpstep::execution {
namespace {

using Clock = std::chrono::steady_clock;
using workload::Loop;

// Rates follow from each time; a time that the timer could not resolve makes no rate.
Metric rate(const std::string& name, workload::Unit unit, double amount,
            const std::vector<double>& seconds) {
    std::vector<double> rates;
    for (const double s : seconds) {
        if (s > 0) rates.push_back(amount / s);
    }
    return {name, unit, summarize(std::move(rates))};
}

void add_metrics(const Operation& operation, const std::vector<double>& seconds, bool looped,
                 std::vector<Metric>& metrics) {
    std::vector<double> resolved;
    for (const double s : seconds) {
        if (s > 0) resolved.push_back(s);
    }
    if (resolved.empty()) return;
    metrics.push_back({"time", workload::unit_seconds, summarize(resolved)});
    if (looped) return;
    if (operation.bytes() > 0) {
        metrics.push_back(
            rate("bandwidth", workload::unit_bytes_per_second, operation.bytes(), resolved));
    }
    if (operation.flops() > 0) {
        metrics.push_back(
            rate("flops", workload::unit_flops_per_second, operation.flops(), resolved));
    }
    if (operation.message_bytes() > 0) {
        metrics.push_back(
            rate("algbw", workload::unit_bytes_per_second, operation.message_bytes(), resolved));
    }
    // With one rank nothing crosses a link: no bus bandwidth rather than 0.
    if (operation.message_bytes() * operation.bus_factor() > 0) {
        metrics.push_back(rate("busbw", workload::unit_bytes_per_second,
                               operation.message_bytes() * operation.bus_factor(), resolved));
    }
}

}  // namespace

std::vector<StepResult> Program::run(Progress& progress) {
    progress_ = &progress;
    std::vector<StepResult> results;
    for (auto& step : steps_) run(step);
    machine_->communicator.wait(*stream_);
    progress.clear();
    for (auto& step : steps_) collect(step, results);
    return results;
}

void Program::run(PlannedStep& step) {
    if (!step.active) return;
    step.result.ran = true;
    Snapshots before;
    if (step.operation) {
        run_leaf(step);
    } else {
        for (const auto& rule : step.spec->verify) {
            for (const auto& name : snapshots_needed(rule)) keep(name, before);
        }
        const auto start = Clock::now();
        run_loops(step, 0);
        machine_->communicator.wait(*stream_);
        const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
        step.result.metrics = {{"time", workload::unit_seconds, summarize({seconds})}};
    }
    verify_after(step, before);
}

void Program::run_leaf(PlannedStep& step) {
    const auto deadline = step.timeout ? std::optional(Deadline::in(*step.timeout)) : std::nullopt;
    verify_leaf(step);
    for (std::int64_t i = 0; i < step.warmup; ++i) issue(step);
    step.sampler->begin(*stream_);
    for (std::int64_t i = 0; i < step.times; ++i) {
        issue(step);
        step.sampler->end(*stream_);
        if (deadline && deadline->passed()) {
            fail<CommError>(
                "{}: step '{}' passed its timeout of {} ({} of {} runs done); raise 'timeout' or "
                "do less",
                show(step.spec->mark), step.spec->name,
                show_seconds(static_cast<double>(step.timeout->count()) / 1e3), i + 1, step.times);
        }
        if (!step.looped) progress_->update(step.spec->name, i + 1, step.times);
    }
    step.result.launches += step.times;
    if (!step.looped) machine_->communicator.wait(*stream_);
}

void Program::issue(PlannedStep& step) {
    machine_->channel.check();
    if (step::stop_requested()) {
        fail<EnvironmentError>(
            "stopped by a signal in step '{}' (time limit, scancel or a failed peer); see srun's "
            "own line",
            step.spec->name);
    }
    step.operation->issue(*stream_);
}

void Program::run_loops(PlannedStep& step, std::size_t level) {
    if (level == step.spec->for_each.size()) {
        for (auto& child : step.children) run(child);
    } else if (step.spec->for_each[level].kind == Loop::Kind::range) {
        run_range(step, level);
    } else {
        run_batches(step, level);
    }
}

void Program::run_range(PlannedStep& step, std::size_t level) {
    const Loop& loop = step.spec->for_each[level];
    const std::int64_t count = step.loop_counts[level];
    const std::int64_t outer_epoch = epoch_;
    for (std::int64_t i = 0; i < count; ++i) {
        scope_.set_loop(loop.variable, count_value(i));
        epoch_ = i;
        run_loops(step, level + 1);
        if (level == 0) progress_->update(step.spec->name + " " + loop.variable, i + 1, count);
    }
    epoch_ = outer_epoch;
}

void Program::run_batches(PlannedStep& step, std::size_t level) {
    const Loop& loop = step.spec->for_each[level];
    BatchStream& batch = *step.batches[level];
    batch.begin_epoch(epoch_);
    while (batch.next(*stream_)) {
        scope_.set_loop(loop.variable + ".size", count_value(batch.global_rows()));
        scope_.set_loop(loop.variable + ".rows", count_value(batch.rows()));
        scope_.set_loop(loop.variable + ".index", count_value(batch.index()));
        run_loops(step, level + 1);
    }
}

// One run before the timed ones, from the state the step finds; what it read and changed is put
// back afterwards, so that in-place kernels and `repeat` do not disturb each other.
void Program::verify_leaf(PlannedStep& step) {
    Snapshots before;
    bool any = false;
    for (const auto& rule : step.spec->verify) {
        any = any || rule.equals.has_value();
        for (const auto& name : snapshots_needed(rule)) keep(name, before);
    }
    if (!any) return;
    for (const auto& name : step.operation->updates()) keep(name, before);
    issue(step);
    machine_->communicator.wait(*stream_);
    for (const auto& rule : step.spec->verify) {
        if (!rule.equals) continue;
        step.result.verify.push_back(verify(rule, *storage_, scope_, before, *stream_));
    }
    for (const auto& name : step.operation->updates()) {
        storage_->write(name, before.at(name), *stream_);
    }
}

void Program::keep(const std::string& buffer, Snapshots& before) const {
    if (before.count(buffer) > 0) return;
    before.emplace(buffer, storage_->read(buffer, 0, storage_->at(buffer).plan.count, *stream_));
}

void Program::verify_after(PlannedStep& step, const Snapshots& before) {
    for (const auto& rule : step.spec->verify) {
        if (rule.equals && step.operation) continue;
        step.result.verify.push_back(verify(rule, *storage_, scope_, before, *stream_));
    }
}

void Program::collect(PlannedStep& step, std::vector<StepResult>& results) {
    if (step.operation && step.result.ran) {
        add_metrics(*step.operation, step.sampler->seconds(), step.looped, step.result.metrics);
        step.result.numbers = step.operation->numbers();
    }
    results.push_back(step.result);
    for (auto& child : step.children) collect(child, results);
}

std::vector<double> Program::values(const std::string& buffer) {
    const BufferPlan& plan = storage_->at(buffer).plan;
    const auto bytes = storage_->read(buffer, 0, plan.count, *stream_);
    std::vector<double> values(static_cast<std::size_t>(plan.count));
    with_type(plan.dtype, [&](auto zero) {
        using T = decltype(zero);
        const T* data = reinterpret_cast<const T*>(bytes.data());
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(data[i]);
    });
    return values;
}

}  // namespace warpstep::execution
