// SPDX-License-Identifier: Apache-2.0
// What was measured, as metrics: after the run, so that nothing of it stands in the timed loops.
#include <algorithm>
#include <cmath>

#include "runtime/execution/planned_step.hpp"
#include "runtime/plan/operations.hpp"

namespace warpstep::execution {
namespace {

using workload::Unit;

constexpr std::string_view too_short_to_time = "no run was long enough for the timer";

/// What one run of a step moved and computed, on all devices of the task.
struct Amounts {
    double bytes = 0, flops = 0, message = 0, bus = 0;
};

Amounts amounts_of(const PlannedStep& step) {
    Amounts sum;
    for (const StepWork& work : step.work) {
        sum.bytes += work.operation->bytes();
        sum.flops += work.operation->flops();
    }
    // Every device of the task is in the same collective.
    const Operation& first = *step.work.front().operation;
    sum.message = first.message_bytes();
    sum.bus = first.message_bytes() * first.bus_factor();
    return sum;
}

// Rates follow from each time.
void add_rate(const std::string& name, Unit unit, double amount, const std::vector<double>& seconds,
              std::vector<Metric>& metrics) {
    if (amount <= 0) return;
    std::vector<double> rates;
    for (const double s : seconds) rates.push_back(amount / s);
    metrics.push_back({name, unit, summarize(std::move(rates))});
}

// Of a rate that its operation should have.
std::string_view why_missing(std::string_view rate, const Amounts& amounts) {
    if (rate == "busbw" && amounts.message > 0) return "one member sends nothing over a link";
    if (rate == "flops") return "nothing was computed here";
    return rate == "bandwidth" ? "no bytes were moved here" : "the message is empty";
}

void add_missing(PlannedStep& step, bool untimed) {
    const plan::OperationRow* row = plan::find_operation(step.spec->run);
    if (row == nullptr) return;
    StepResult& result = step.result;
    const Amounts amounts = amounts_of(step);
    for (const workload::Metric& rate : row->rates) {
        const std::string& name = rate.name;
        const bool found = std::any_of(result.metrics.begin(), result.metrics.end(),
                                       [&](const Metric& metric) { return metric.name == name; });
        if (!found) result.missing[name] = untimed ? too_short_to_time : why_missing(name, amounts);
    }
}

// A time that the timer could not resolve makes no rate.
std::vector<double> resolved(std::vector<double> seconds) {
    seconds.erase(std::remove_if(seconds.begin(), seconds.end(), [](double s) { return !(s > 0); }),
                  seconds.end());
    return seconds;
}

void add_graph_metrics(StepResult& result, const std::vector<double>& seconds) {
    const double time = summarize(seconds).median;
    const double kernels = result.numbers["kernels"];
    if (kernels > 0) {
        result.metrics.push_back(
            {"time_per_kernel", workload::unit_seconds, summarize({time / kernels})});
    }
    for (const auto& metric : result.metrics) {
        if (metric.name == "serial_time") {
            result.numbers["launch_gain"] = metric.statistics.median / time;
        }
    }
}

// Numbers without a value, of which one may have none, are named with the reason.
void add_numbers(const PlannedStep& step, StepResult& result) {
    result.numbers = step.work.front().operation->numbers();
    const plan::OperationRow* row = plan::find_operation(step.spec->run);
    if (row == nullptr) return;
    std::string odd;  // a number that always has a value, and has none
    for (const auto& number : row->numbers) {
        const auto it = result.numbers.find(number.name);
        if (it == result.numbers.end() || std::isfinite(it->second)) continue;
        if (number.no_value.empty()) {
            odd = number.name + " is no finite number";
        } else {
            result.missing[number.name] = odd.empty() ? number.no_value : odd;
        }
    }
}

void collect_leaf(PlannedStep& step, const std::vector<double>& seconds) {
    StepResult& result = step.result;
    if (!seconds.empty() && !step.plan->looped) {
        const Amounts amounts = amounts_of(step);
        auto& metrics = result.metrics;
        add_rate("bandwidth", workload::unit_bytes_per_second, amounts.bytes, seconds, metrics);
        add_rate("flops", workload::unit_flops_per_second, amounts.flops, seconds, metrics);
        add_rate("algbw", workload::unit_bytes_per_second, amounts.message, seconds, metrics);
        // With one member nothing crosses a link: no bus bandwidth rather than 0.
        add_rate("busbw", workload::unit_bytes_per_second, amounts.bus, seconds, metrics);
    }
    if (!step.plan->looped) add_missing(step, seconds.empty());
    add_numbers(step, result);
}

}  // namespace

// The devices of a task work at the same time: a run takes as long as the slowest of them.
std::vector<double> seconds_of(const PlannedStep& step) {
    std::vector<double> seconds;
    for (const StepWork& work : step.work) {
        const auto& own = work.sampler->seconds();
        seconds.resize(std::max(seconds.size(), own.size()));
        for (std::size_t i = 0; i < own.size(); ++i) seconds[i] = std::max(seconds[i], own[i]);
    }
    return seconds;
}

double median_seconds(const PlannedStep& step) {
    const auto seconds = resolved(seconds_of(step));
    return seconds.empty() ? 0 : summarize(seconds).median;
}

void collect(PlannedStep& step, std::vector<StepResult>& results) {
    StepResult& result = step.result;
    if (result.ran && result.failure.empty()) {
        const bool leaf = !step.spec->run.empty();
        const auto seconds = resolved(leaf || step.spec->graph ? seconds_of(step) : step.seconds);
        if (seconds.empty()) {
            result.missing["time"] = too_short_to_time;
        } else {
            result.metrics.insert(result.metrics.begin(),
                                  {"time", workload::unit_seconds, summarize(seconds)});
            if (step.spec->graph) add_graph_metrics(result, seconds);
        }
        if (leaf) collect_leaf(step, seconds);
    }
    results.push_back(result);
    for (auto& child : step.children) collect(child, results);
}

}  // namespace warpstep::execution
