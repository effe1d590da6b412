// SPDX-License-Identifier: Apache-2.0
// Containers with `graph:`: their steps are written down once and launched many times.
#include <algorithm>
#include <numeric>

#include "runtime/base/error.hpp"
#include "runtime/execution/program.hpp"
#include "runtime/plan/order.hpp"

namespace warpstep::execution {
namespace {

constexpr int rounds_without_graph = 5;

Metric seconds_metric(const std::string& name, double seconds) {
    return {name, workload::unit_seconds, summarize({seconds})};
}

// What stands inside a graph, on one device: with the streams and events between them.
void issue_all_on(StepWork& container, std::vector<PlannedStep>& steps) {
    container.streams->fork();
    for (PlannedStep& step : steps) {
        for (StepWork& work : step.work) {
            if (work.lane != container.lane) continue;
            for (device::Event* event : work.waits) work.stream->wait(*event);
            work.operation->issue(*work.stream);
            if (work.done != nullptr) work.done->record(*work.stream);
        }
    }
    container.streams->join();
}

void restore(const PlannedStep& step, std::size_t place, const Snapshots& before) {
    const StepWork& work = step.work[place];
    for (const auto& [name, bytes] : before) work.lane->storage->write(name, bytes, *work.stream);
}

// Work is only written down, so the sizes and addresses of the steps must be final: build() made
// them so, and what changes from turn to turn is refused in a graph.
void capture(PlannedStep& step) {
    for (StepWork& work : step.work) {
        // On the host the body runs at every launch.
        work.graph = work.lane->machine->device.capture(
            *work.stream, [&step, &work] { issue_all_on(work, step.children); });
    }
}

}  // namespace

std::vector<std::string> updates_of(const PlannedStep& step, std::size_t place) {
    std::vector<std::string> names;
    if (place < step.work.size() && step.work[place].operation) {
        names = step.work[place].operation->updates();
    }
    for (const auto& child : step.children) {
        const auto inside = updates_of(child, place);
        names.insert(names.end(), inside.begin(), inside.end());
    }
    return names;
}

void Program::launch(PlannedStep& step) {
    check_stop(step);
    for (StepWork& work : step.work) work.graph->launch(*work.stream);
}

void Program::run_graph(PlannedStep& step) {
    for (StepWork& work : step.work) {
        for (device::Event* event : work.waits) work.stream->wait(*event);
    }
    if (step.result.launches == 0) measure_without_graph(step);
    if (step.work.front().graph == nullptr) capture(step);
    if (!step.spec->verify.empty()) verify_before_timing(step, [&] { launch(step); });
    for (std::int64_t i = 0; i < step.plan->graph_warmup; ++i) launch(step);
    for (StepWork& work : step.work) work.sampler->begin(*work.stream);
    for (std::int64_t i = 0; i < *step.plan->launches; ++i) {
        launch(step);
        for (StepWork& work : step.work) work.sampler->end(*work.stream);
        if (!step.plan->looped) progress_->update(step.spec->name, i + 1, *step.plan->launches);
    }
    step.result.launches += *step.plan->launches;
    for (StepWork& work : step.work) {
        if (work.done != nullptr) work.done->record(*work.stream);
        if (!step.plan->looped) work.lane->machine->communicator.wait(*work.stream);
    }
    verify_after(step, {});
}

// Each step by itself, one after the other: what the graph is compared with. What the steps change
// in place is put back.
void Program::measure_without_graph(PlannedStep& step) {
    std::vector<Snapshots> before(step.work.size());
    for (std::size_t place = 0; place < step.work.size(); ++place) {
        keep(*step.work[place].lane, updates_of(step, place), before[place]);
    }
    for (int round = 0; round < rounds_without_graph; ++round) {
        for (auto& child : step.children) {
            if (!child.plan->runs()) continue;
            for (StepWork& work : child.work) work.sampler->begin(*work.stream);
            issue(child);
            for (StepWork& work : child.work) {
                work.sampler->end(*work.stream);
                work.lane->machine->communicator.wait(*work.stream);
            }
            ++child.result.launches;
            child.result.ran = true;
        }
    }
    std::vector<double> seconds;
    for (auto& child : step.children) seconds.push_back(median_seconds(child));
    step.result.metrics.push_back(
        seconds_metric("critical_path", plan::critical_path(step.spec->steps, seconds)));
    step.result.metrics.push_back(
        seconds_metric("serial_time", std::accumulate(seconds.begin(), seconds.end(), 0.0)));
    const auto active = std::count_if(step.children.begin(), step.children.end(),
                                      [](const PlannedStep& child) { return child.plan->runs(); });
    step.result.numbers["kernels"] = static_cast<double>(active);
    for (std::size_t place = 0; place < step.work.size(); ++place) {
        restore(step, place, before[place]);
    }
}

}  // namespace warpstep::execution
