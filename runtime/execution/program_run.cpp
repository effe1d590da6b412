// SPDX-License-Identifier: Apache-2.0
// Phase 4 of a program: the steps in order, verified, then timed.
#include "runtime/base/error.hpp"
#include "runtime/base/units.hpp"
#include "runtime/execution/program.hpp"
#include "runtime/step/stop_signal.hpp"

namespace warpstep::execution {
namespace {

using Clock = std::chrono::steady_clock;
using workload::Loop;

// Waits for the first samples of steps that others may overlap with would end the overlap.
bool overlaps(const PlannedStep& step) {
    return !step.spec->stream.empty() || step.spec->device.has_value();
}

void check_timeout(const PlannedStep& step, const Deadline& deadline, std::int64_t done) {
    if (!deadline.passed()) return;
    fail<CommError>(
        "{}: step '{}' passed its timeout of {} ({} of {} runs done); raise 'timeout' or do less",
        show(step.spec->mark), step.spec->name,
        show_seconds(static_cast<double>(step.plan->timeout->count()) / 1e3), done,
        step.plan->times);
}

}  // namespace

void check_stop(const PlannedStep& step) {
    step.work.front().lane->machine->channel.check();
    if (!step::stop_requested()) return;
    fail<EnvironmentError>(
        "stopped by a signal in step '{}' (time limit, scancel or a failed peer); see srun's own "
        "line",
        step.spec->name);
}

std::vector<StepResult> Program::run(Progress& progress) {
    progress_ = &progress;
    std::vector<StepResult> results;
    for (const auto& join : joins_) join->fork();
    for (auto& step : steps_) run(step);
    for (const auto& join : joins_) join->join();
    wait_all(lanes_);
    finite_.look(lanes_, "");
    probes_.find();
    progress.clear();
    for (auto& step : steps_) collect(step, results);
    return results;
}

void Program::set_loop(const std::string& name, std::int64_t value) {
    for (Lane& lane : lanes_) lane.scope.set_loop(name, plan::count_value(value));
}

void Program::run(PlannedStep& step) {
    if (!step.plan->runs()) return;
    step.result.ran = true;
    if (step.spec->continue_on_error) return run_allowing_errors(step);
    if (!step.spec->run.empty()) {
        run_leaf(step);
    } else if (step.spec->graph) {
        run_graph(step);
    } else {
        run_list(step);
    }
}

// What a device refuses stays this step's affair; a communicator that failed is everybody's.
void Program::run_allowing_errors(PlannedStep& step) {
    try {
        step.spec->run.empty() ? (step.spec->graph ? run_graph(step) : run_list(step))
                               : run_leaf(step);
        if (!step.plan->looped) wait_all(lanes_);
    } catch (const DeviceError& error) {
        if (step.result.failure.empty()) step.result.failure = error.what();
    }
}

void Program::run_leaf(PlannedStep& step) {
    for (StepWork& work : step.work) {
        for (device::Event* event : work.waits) work.stream->wait(*event);
    }
    if (!step.spec->verify.empty()) verify_before_timing(step, [&] { issue(step); });
    const auto deadline =
        step.plan->timeout ? std::optional(Deadline::in(*step.plan->timeout)) : std::nullopt;
    for (std::int64_t i = 0; i < step.plan->warmup; ++i) issue(step);
    std::optional<Watch> watch;
    if (watched_ && !step.plan->looped && !overlaps(step))
        watch.emplace(lanes_.front().machine->device);
    for (StepWork& work : step.work) work.sampler->begin(*work.stream);
    for (std::int64_t i = 0; i < step.plan->times; ++i) {
        issue(step);
        for (StepWork& work : step.work) work.sampler->end(*work.stream);
        if (deadline) check_timeout(step, *deadline, i + 1);
        if (!step.plan->looped) progress_->update(step.spec->name, i + 1, step.plan->times);
    }
    step.result.launches += step.plan->times;
    for (StepWork& work : step.work) {
        if (work.done != nullptr) work.done->record(*work.stream);
        if (!step.plan->looped && !overlaps(step))
            work.lane->machine->communicator.wait(*work.stream);
    }
    if (watch) step.result.conditions = watch->end();
    if (!step.spec->verify.empty()) verify_after(step, {});
}

// What the devices of one task do together is one operation of the communicator.
void Program::issue(PlannedStep& step) {
    check_stop(step);
    const auto all = [&] {
        for (StepWork& work : step.work) work.operation->issue(*work.stream);
    };
    if (step.plan->note && step.work.size() > 1) {
        step.work.front().lane->machine->communicator.group(all);
    } else {
        all();
    }
    if (!step.plan->note) return;
    for (StepWork& work : step.work) work.operation->complete(*work.stream);
}

void Program::run_list(PlannedStep& step) {
    const LaneSnapshots before = snapshots_for(step);
    const auto start = Clock::now();
    run_loops(step, 0);
    for (StepWork& work : step.work) {
        if (work.done != nullptr) work.done->record(*work.stream);
    }
    if (!step.plan->looped) wait_all(lanes_);
    step.seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    verify_after(step, before);
}

void Program::run_loops(PlannedStep& step, std::size_t level) {
    if (level == step.spec->for_each.size()) {
        for (StepWork& work : step.work) work.streams->fork();
        for (auto& child : step.children) run(child);
        for (StepWork& work : step.work) work.streams->join();
    } else if (step.spec->for_each[level].kind == Loop::Kind::range) {
        run_range(step, level);
    } else {
        run_batches(step, level);
    }
}

void Program::run_range(PlannedStep& step, std::size_t level) {
    const Loop& loop = step.spec->for_each[level];
    const std::int64_t count = step.plan->turns[level];
    const std::int64_t outer_epoch = epoch_;
    for (std::int64_t i = 0; i < count; ++i) {
        set_loop(loop.variable, i);
        if (loop.variable != "epoch") set_loop("epoch", i);
        epoch_ = i;
        run_loops(step, level + 1);
        end_turn(step, level, i);
        if (level == 0) progress_->update(step.spec->name, i + 1, count);
    }
    epoch_ = outer_epoch;
    set_loop("epoch", epoch_);
}

void Program::run_batches(PlannedStep& step, std::size_t level) {
    const Loop& loop = step.spec->for_each[level];
    const std::string size = loop.variable + ".size";
    const std::string rows = loop.variable + ".rows";
    const std::string index = loop.variable + ".index";
    for (StepWork& work : step.work) work.batches[level]->begin_epoch(epoch_);
    for (std::int64_t b = 0; b < step.plan->turns[level]; ++b) {
        for (StepWork& work : step.work) {
            data::BatchStream& batch = *work.batches[level];
            if (!batch.next(*work.stream)) fail<LogicError>("the batches of an epoch ran out");
            work.lane->scope.set_loop(size, plan::count_value(batch.global_rows()));
            work.lane->scope.set_loop(rows, plan::count_value(batch.rows()));
            work.lane->scope.set_loop(index, plan::count_value(batch.index()));
        }
        run_loops(step, level + 1);
        end_turn(step, level, b);
    }
}

// NaN spreads: the turn in which it came is worth knowing.
void Program::end_turn(const PlannedStep& step, std::size_t level, std::int64_t turn) {
    if (level > 0 || step.plan->looped || !finite_.due()) return;
    wait_all(lanes_);
    finite_.look(lanes_, fmt::format("after {} {} of '{}'", step.spec->for_each[0].variable, turn,
                                     step.spec->name));
}

std::vector<double> Program::values(const std::string& buffer) {
    for (const Lane& lane : lanes_) {
        if (!lane.storage->has(buffer)) continue;
        const plan::BufferPlan& plan = lane.storage->at(buffer).plan;
        const auto bytes = lane.storage->read(buffer, 0, plan.count, lane.stream());
        std::vector<double> values(static_cast<std::size_t>(plan.count));
        with_type(plan.dtype, [&](auto zero) {
            using T = decltype(zero);
            const T* data = reinterpret_cast<const T*>(bytes.data());
            for (std::size_t i = 0; i < values.size(); ++i) {
                values[i] = static_cast<double>(data[i]);
            }
        });
        return values;
    }
    fail<LogicError>("no buffer '{}'", buffer);
}

}  // namespace warpstep::execution
