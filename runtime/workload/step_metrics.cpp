// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/step_metrics.hpp"

#include <algorithm>

#include "runtime/base/text.hpp"
#include "runtime/workload/names.hpp"

namespace warpstep::workload {
namespace {

class Collector {
  public:
    Collector(const Workload& workload, const std::vector<OperationSignature>& operations)
        : workload_(workload), operations_(operations) {}

    MetricsByStep operator()() {
        add(workload_.steps, false);
        return std::move(found_);
    }

  private:
    void add(const std::vector<Step>& steps, bool looped) {
        for (const Step& step : steps) {
            found_.emplace(step.name, metrics_of(step, looped));
            add(step.steps, looped || !step.for_each.empty());
        }
    }

    StepMetrics metrics_of(const Step& step, bool looped) const {
        StepMetrics metrics{{measured("time")}};
        metrics.complete = is_known(step);
        if (step.graph) {
            for (const Metric& number : graph_numbers())
                metrics.list.push_back({number.name, number.unit, number.statistics});
        }
        for (const std::string& rate : rates_of(step)) {
            if (looped) {
                metrics.why_fewer = "inside for_each sizes may change from turn to turn";
            } else {
                metrics.list.push_back(measured(rate));
            }
        }
        if (const auto* operation = operation_of(step)) {
            for (const std::string& number : operation->numbers) metrics.list.push_back({number});
        }
        metrics.list.push_back({"launches"});
        return metrics;
    }

    std::vector<std::string> rates_of(const Step& step) const {
        if (const auto* operation = operation_of(step)) return operation->rates;
        std::vector<std::string> rates;
        for (const KernelSpec& kernel : workload_.kernels) {
            if (kernel.name != step.run) continue;
            if (kernel.bytes) rates.emplace_back("bandwidth");
            if (kernel.flops) rates.emplace_back("flops");
        }
        return rates;
    }

    bool is_known(const Step& step) const {
        return step.run.empty() || is_kernel(step) || operation_of(step) != nullptr;
    }

    bool is_kernel(const Step& step) const {
        return std::any_of(workload_.kernels.begin(), workload_.kernels.end(),
                           [&](const KernelSpec& kernel) { return kernel.name == step.run; });
    }

    // A kernel of the file hides an operation of its name.
    const OperationSignature* operation_of(const Step& step) const {
        if (is_kernel(step)) return nullptr;
        const auto it = std::find_if(operations_.begin(), operations_.end(),
                                     [&](const auto& entry) { return entry.name == step.run; });
        return it == operations_.end() ? nullptr : &*it;
    }

    static StepMetric measured(std::string_view name) {
        const Metric& metric = metric_of(name);
        return {metric.name, metric.unit, metric.statistics};
    }

    const Workload& workload_;
    const std::vector<OperationSignature>& operations_;
    MetricsByStep found_;
};

}  // namespace

const StepMetric* StepMetrics::find(std::string_view name) const {
    const std::size_t dot = name.find('.');
    const std::string_view head = name.substr(0, dot);
    for (const StepMetric& metric : list) {
        if (metric.name != head) continue;
        if (dot == std::string_view::npos) return &metric;
        const auto& statistics = statistic_names();
        const bool known = std::find(statistics.begin(), statistics.end(), name.substr(dot + 1)) !=
                           statistics.end();
        return metric.statistics && known ? &metric : nullptr;
    }
    return nullptr;
}

std::vector<std::string> StepMetrics::names() const {
    std::vector<std::string> names;
    for (const StepMetric& metric : list) {
        names.push_back(metric.name);
        if (!metric.statistics) continue;
        for (const std::string& statistic : statistic_names())
            names.push_back(metric.name + "." + statistic);
    }
    return names;
}

std::string StepMetrics::show() const {
    std::vector<std::string> names;
    for (const StepMetric& metric : list) names.push_back(metric.name);
    return join(names, ", ");
}

MetricsByStep step_metrics(const Workload& workload,
                           const std::vector<OperationSignature>& operations) {
    return Collector(workload, operations)();
}

}  // namespace warpstep::workload
